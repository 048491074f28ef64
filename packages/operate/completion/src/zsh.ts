/** For zsh(1): a case of _arguments for every program. */
import type { Grammar, Kind } from './grammar.ts'
import { always, quoted } from './words.ts'

const actions: Readonly<Record<Kind, string>> = { file: '_files', directory: '_files -/', command: '_command_names -e', other: ' ' }

export function zshText(grammars: readonly Grammar[], prefix: string): string {
  const cases = grammars.map((grammar) => `    ${prefix}${grammar.name}) _arguments ${[':', ...specsOf(grammar)].map(quoted).join(' ')} ;;`)
  return `# zsh completion; made by the program completion
_yabumi() {
  case \${service:t} in
${cases.join('\n')}
  esac
}
compdef _yabumi ${grammars.map(({ name }) => `${prefix}${name}`).join(' ')}
`
}

function specsOf(grammar: Grammar): string[] {
  const options = grammar.options.map(
    ({ name, argument, isRepeated }) =>
      `${isRepeated ? '*' : ''}${name}${argument === undefined ? '' : `:${argument}:${actions[argument]}`}`,
  )
  const first = grammar.firstWords.length > 0 ? [`1:first:(${grammar.firstWords.join(' ')})`] : []
  // Where anything may stand, nothing is said: an action that offers nothing would hide the options too.
  const others = grammar.arguments.filter((kind) => kind !== 'other').slice(0, 1)
  return [...options, ...always, ...first, ...others.map((kind) => `*:${kind}:${actions[kind]}`)]
}
