/** For fish(1): a line for every option. */
import type { Grammar, Kind } from './grammar.ts'
import { always, quoted } from './words.ts'

const words: Readonly<Record<Kind, string>> = {
  file: ' -rF',
  directory: " -xa '(__fish_complete_directories)'",
  command: " -xa '(__fish_complete_command)'",
  other: ' -x',
}

export function fishText(grammars: readonly Grammar[], prefix: string): string {
  return `${['# fish completion; made by the program completion', ...grammars.flatMap((grammar) => linesOf(grammar, prefix))].join('\n')}\n`
}

function linesOf(grammar: Grammar, prefix: string): string[] {
  const begin = `complete -c ${prefix}${grammar.name}`
  const takesFiles = grammar.arguments.some((kind) => kind === 'file')
  const options = grammar.options.map(({ name, argument, isRepeated }) => {
    const once = isRepeated || argument !== undefined ? '' : ` -n 'not __fish_contains_opt ${name.slice(2)}'`
    return `${begin}${once} -l ${name.slice(2)}${argument === undefined ? '' : words[argument]}`
  })
  return [
    ...(takesFiles ? [] : [`${begin} -f`]),
    ...grammar.arguments
      .filter((kind) => kind === 'directory' || kind === 'command')
      .map((kind) => `${begin}${words[kind].replace('-xa', '-a')}`),
    ...options,
    ...always.map((name) => `${begin} -l ${name.slice(2)}`),
    ...(grammar.firstWords.length > 0 ? [`${begin} -n __fish_is_first_token -a ${quoted(grammar.firstWords.join(' '))}`] : []),
  ]
}
