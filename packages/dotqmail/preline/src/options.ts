/** What preline is told (spec §8.4): letters that leave out or put back a line, then a command. */
import { Getopt, UsageTrouble } from '@yabumi/commandline'
import type { Command } from '@yabumi/messagecommand'

export interface Request {
  /** What goes in front of the message. */
  readonly lines: string
  readonly command: Command
}

const usage = 'preline cmd [ arg ... ]'
const variables = { f: 'UFLINE', r: 'RPLINE', d: 'DTLINE' } as const

/** @throws UsageTrouble for a bad option, no command, or a line that local did not set */
export function parseRequest(calledAs: string, args: readonly string[], environment: ReadonlyMap<string, string>): Request {
  const lines: Record<string, string> = {}
  for (const [letter, variable] of Object.entries(variables)) {
    const line = environment.get(variable)
    if (line === undefined) throw new UsageTrouble(usage)
    lines[letter] = line
  }
  const wanted = new Set(Object.keys(variables))
  const getopt = new Getopt(args, 'frdFRD')
  for (let letter = getopt.next(); letter !== undefined; letter = getopt.next()) {
    if (letter === '?') throw new UsageTrouble(usage, `${calledAs}: ${getopt.complaint}`)
    if (letter in variables) wanted.delete(letter)
    else wanted.add(letter.toLowerCase())
  }
  const [file, ...rest] = getopt.rest()
  if (file === undefined) throw new UsageTrouble(usage)
  return {
    lines: Object.entries(lines)
      .map(([letter, line]) => (wanted.has(letter) ? line : ''))
      .join(''),
    command: [file, ...rest],
  }
}
