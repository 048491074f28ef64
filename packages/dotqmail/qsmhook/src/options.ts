/** What qsmhook is told: the flags of a sendmail mailer and its command (spec §8.4). */
import { Getopt, required, UsageTrouble } from '@yabumi/commandline'
import type { Command } from '@yabumi/messagecommand'

export interface Request {
  /** What goes in front of the message. */
  readonly lines: string
  readonly command: Command
}

const usage = 'qsmhook [ -DFlMmnPs ] [ -x prefix ] cmd [ arg ... ]'

/** @throws UsageTrouble for a bad option or no command; Trouble 5.3.5 for a variable that local did not set */
export function parseRequest(calledAs: string, args: readonly string[], environment: ReadonlyMap<string, string>): Request {
  const wanted = new Set(['UFLINE'])
  let local = required(environment, 'LOCAL')
  const getopt = new Getopt(args, 'DFlMmnPsx:')
  for (let letter = getopt.next(); letter !== undefined; letter = getopt.next()) {
    if (letter === '?') throw new UsageTrouble(usage, `${calledAs}: ${getopt.complaint}`)
    if (letter === 'l') wanted.add('DTLINE')
    if (letter === 'P') wanted.add('RPLINE')
    if (letter === 'n') wanted.delete('UFLINE')
    if (letter === 'x' && local.startsWith(getopt.argument)) local = local.slice(getopt.argument.length)
  }
  const words: Record<string, string> = {
    '%': '%',
    g: required(environment, 'SENDER'),
    h: required(environment, 'HOST'),
    u: local,
  }
  const [file, ...rest] = getopt.rest().map((word) => word.replace(/%([%ghu])/g, (_, letter: string) => words[letter] ?? ''))
  if (file === undefined) throw new UsageTrouble(usage)
  const lines = ['UFLINE', 'RPLINE', 'DTLINE'].map((name) => [name, required(environment, name)] as const)
  return { lines: lines.map(([name, line]) => (wanted.has(name) ? line : '')).join(''), command: [file, ...rest] }
}
