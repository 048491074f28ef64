/** For bash(1): one function, which `complete` names for every program. */
import type { Grammar, Kind } from './grammar.ts'
import { always, quoted } from './words.ts'

const generators: Readonly<Record<Kind, string>> = { file: '-f', directory: '-d', command: '-c', other: '' }

export function bashText(grammars: readonly Grammar[], prefix: string): string {
  const cases = grammars.map((grammar) => `    ${prefix}${grammar.name}) ${assignments(grammar)} ;;`)
  return `# bash completion; made by the program completion
_yabumi() {
  local word=$2 before=$3 name=\${1##*/} options= repeated= first= kinds= after= option
  case $name in
${cases.join('\n')}
  esac
  COMPREPLY=()
  case " $after " in
    *" $before="*)
      kinds=\${after#*$before=}; kinds=\${kinds%% *}
      [ "$kinds" = none ] || mapfile -t COMPREPLY < <(compgen $kinds -- "$word")
      return ;;
  esac
  if [[ $word == -* ]]; then
    options=" $options "
    for option in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
      case " $repeated " in *" $option "*) ;; *) options=\${options/ $option / } ;; esac
    done
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif [ "$COMP_CWORD" = 1 ] && [ -n "$first" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$first" -- "$word")
  elif [ -n "\${kinds// /}" ]; then
    mapfile -t COMPREPLY < <(compgen $kinds -- "$word")
  fi
}
complete -o filenames -F _yabumi ${grammars.map(({ name }) => `${prefix}${name}`).join(' ')}
`
}

/** What the function knows of a program: words between blanks, and in `after` what stands behind an option, `--zone=-f --policies=none`. */
function assignments({ options, firstWords, arguments: kinds }: Grammar): string {
  const after = options.flatMap(({ name, argument }) => (argument === undefined ? [] : [`${name}=${generators[argument] || 'none'}`]))
  const words = {
    options: [...options.map(({ name }) => name), ...always],
    repeated: options.flatMap(({ name, isRepeated }) => (isRepeated ? [name] : [])),
    first: firstWords,
    kinds: kinds.flatMap((kind) => (generators[kind] === '' ? [] : [generators[kind]])),
    after,
  }
  return Object.entries(words)
    .map(([name, list]) => `${name}=${quoted(list.join(' '))}`)
    .join(' ')
}
