/** Which options a program takes, read from its source: what its manual page must tell of, no more and no less. */
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { directoryOf, optionsOf, singleOptions } from '@yabumi/manual'

interface Taken {
  /** As for getopt(3); empty for a program without options of this kind. */
  readonly letters: string
  readonly long: readonly string[]
}

/** Options that a noun takes for its programs: what the source of such a program has, and the option. */
const throughNouns: [trace: RegExp, option: string][] = [
  [/argv\.includes\(keepSpares\)/, '--keep-spares'],
  [/import \{[^}]*\bserve\b[^}]*\} from '@yabumi\/spawnprotocol'|argv\.includes\(wideNumbers\)/, '--wide-numbers'],
  [/^(?=[\s\S]*@yabumi\/facts')[\s\S]*import \{[^}]*\bserve\b[^}]*\} from '@yabumi\/spawnprotocol'|argv\.includes\(factsToo\)/, '--facts'],
]
const yargsCall = /\b(?:commandLine|toolLine)\(/

/** The options of a program: what its source gives to getopt and compares its first argument with, and what it says to --help. */
export function optionsTaken(root: string, program: string): Taken {
  const text = sourceOf(root, program)
  const given = /new Getopt\(.*, (?:'([^']*)'|(\w+))\)/.exec(text)
  const letters = given?.[1] ?? (given === null ? '' : (new RegExp(`const ${given[2]} = '([^']*)'`).exec(text)?.[1] ?? ''))
  const own = [...text.matchAll(/byteArguments\(\)\[0\] [!=]== '(--[a-z0-9-]+)'/g)].map(([, option = '']) => option)
  const others = throughNouns.flatMap(([trace, option]) => (trace.test(text) ? [option] : []))
  return { letters, long: [...own, ...others, ...(listsOptions(root, program) ? helpOf(root, program) : [])] }
}

/** Whether a program answers `--help` with the list of its options: its source, or a noun that it has, reads them with commandLine() or toolLine(). */
export function listsOptions(root: string, program: string): boolean {
  const text = sourceOf(root, program)
  const nouns = [...text.matchAll(/from '@yabumi\/([a-z-]+)'/g)].map(([, noun = '']) => noun).filter((noun) => noun !== 'commandline')
  return yargsCall.test(text) || nouns.some((noun) => yargsCall.test(sourceOf(root, noun)))
}

function sourceOf(root: string, name: string): string {
  const directory = join(root, directoryOf(root, name), 'src')
  const files = globSync('**/*.ts', { cwd: directory })
  return files.map((file) => readFileSync(join(directory, file), 'utf8')).join('\n')
}

/** The long options that yargs lists. */
function helpOf(root: string, program: string): string[] {
  const help = execFileSync(join(root, 'bin', program), ['--help'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return [...help.matchAll(/^ +(?:-\w, +)?(--[a-z0-9-]+)/gm)].map(([, option = '']) => option).filter((option) => option !== '--help')
}

/** What is wrong with the options of a program's README, a line each. */
export function optionProblems(root: string, program: string): string[] {
  const readme = `${directoryOf(root, program)}/README.md`
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
