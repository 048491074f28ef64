/** Which options a program takes, read from its source: what its manual page must tell of, no more and no less. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { optionsOf, singleOptions } from '@yabumi/manual'

/** Options that a noun takes for its programs: what the source of such a program has, and the option. */
const throughNouns: [trace: RegExp, option: string][] = [
  [/import \{[^}]*\bserve\b[^}]*\} from '@yabumi\/spawnprotocol'|argv\.includes\(wideNumbers\)/, '--wide-numbers'],
]

interface Taken {
  /** As for getopt(3); empty for a program without options of this kind. */
  readonly letters: string
  readonly long: readonly string[]
}

/** The options of a program, from what its source gives to getopt and to yargs, and what it compares its first argument with. */
export function optionsTaken(root: string, program: string): Taken {
  const directory = join(root, 'packages', program, 'src')
  const text = globSync('**/*.ts', { cwd: directory })
    .map((file) => readFileSync(join(directory, file), 'utf8'))
    .join('\n')
  const given = /new Getopt\(.*, (?:'([^']*)'|(\w+))\)/.exec(text)
  const letters = given?.[1] ?? (given === null ? '' : (new RegExp(`const ${given[2]} = '([^']*)'`).exec(text)?.[1] ?? ''))
  const own = [...text.matchAll(/\.option\('([a-z0-9-]+)'/g), ...text.matchAll(/byteArguments\(\)\[0\] [!=]== '--([a-z0-9-]+)'/g)]
  const others = throughNouns.flatMap(([trace, option]) => (trace.test(text) ? [option] : []))
  return { letters, long: [...own.map(([, name]) => `--${name}`), ...others] }
}

/** What is wrong with the options of a program's README, a line each. */
export function optionProblems(root: string, program: string): string[] {
  const readme = `packages/${program}/README.md`
  const { letters, long } = optionsTaken(root, program)
  const { synopsis, anywhere } = optionsOf(readFileSync(join(root, readme), 'utf8'), program)
  const taken = [...letters.replaceAll(':', '')].map((letter) => `-${letter}`).concat(long)
  const single = (words: Iterable<string>): string[] => [...words].flatMap((word) => singleOptions(word, letters))
  const told = new Set(single(anywhere))
  return [
    ...taken.filter((option) => !told.has(option)).map((option) => `${readme}: says nothing about ${option}`),
    ...single(synopsis)
      .filter((option) => !taken.includes(option))
      .map((option) => `${readme}: shows ${option}, which ${program} does not take`),
  ]
}
