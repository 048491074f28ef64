/** The command line of pw2u (spec §7.3). */
import { Getopt } from '@yabumi/commandline'
import { Trouble } from '@yabumi/trouble'

/** What is done about a home directory that is missing or not the user's own. */
export type HomeCheck = 'skip' | 'die if missing' | 'none'

export interface Options {
  readonly homeCheck: HomeCheck
  readonly capitals: boolean
  /** What separates a name from its extension; empty for no extensions. */
  readonly breakCharacter: string
  /** What stands between `.qmail` and the extension in the names of dotfiles. */
  readonly dash: string
}

/** @throws Trouble 5.5.4 in getopt's words */
export function parseOptions(args: readonly string[]): Options {
  const getopt = new Getopt(args, '/ohHuUCc:')
  let options: Options = { homeCheck: 'skip', capitals: false, breakCharacter: '-', dash: '-' }
  for (let letter = getopt.next(); letter !== undefined; letter = getopt.next()) {
    if (letter === '?') throw new Trouble('5.5.4', getopt.complaint ?? '')
    options = { ...options, ...effect(letter, getopt.argument) }
  }
  return options
}

function effect(letter: string, argument: string): Partial<Options> {
  switch (letter) {
    case 'o':
      return { homeCheck: 'skip' }
    case 'h':
      return { homeCheck: 'die if missing' }
    case 'H':
      return { homeCheck: 'none' }
    case 'u':
      return { capitals: true }
    case 'U':
      return { capitals: false }
    case 'C':
      return { breakCharacter: '' }
    case 'c':
      return { breakCharacter: argument.slice(0, 1) }
    default:
      return { dash: '-/' }
  }
}
