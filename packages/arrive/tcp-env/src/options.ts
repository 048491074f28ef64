/** The command line of tcp-env: whether an ident server is asked, for how many seconds, and which program follows. */
import { Getopt } from '@yabumi/commandline'
import { identSeconds } from '@yabumi/limits'

export interface Options {
  /** How long to wait for an ident server; 0 asks none. */
  readonly identSeconds: number
  readonly command: readonly string[]
}

export function parseOptions(args: readonly string[]): Options {
  const getopt = new Getopt(args, 'rRt:')
  let asks = true
  let seconds = identSeconds
  for (let letter = getopt.next(); letter !== undefined; letter = getopt.next()) {
    if (letter === 'r') asks = true
    if (letter === 'R') asks = false
    if (letter === 't') seconds = Number(/^[0-9]{0,6}/.exec(getopt.argument)?.[0])
  }
  return { identSeconds: asks ? seconds : 0, command: getopt.rest() }
}
