/**
 * The commands that sessions run, from the command line: `bin/pop3d --delivered + bin/imap --delivered %`.
 *
 * Trust   a front may choose among them, and say the word for which a `%` at the end stands; nothing else
 */
import { basename } from 'node:path'
import { sessionWordBytes } from '@yabumi/limits'

/** Words of a command: program and arguments. */
type Command = readonly string[]

const word = /^[!-~]+$/

/** @param words - commands, with `+` between them */
export function commandsIn(words: readonly string[]): Command[] {
  const commands: string[][] = [[]]
  for (const each of words) {
    if (each === '+') commands.push([])
    else commands.at(-1)?.push(each)
  }
  return commands.filter((command) => command.length > 0)
}

/** @returns the command that a front asks for, as the command line has it; undefined if there is no such */
export function commandFor(wanted: Command, commands: readonly Command[]): Command | undefined {
  for (const command of commands) {
    const takesWord = command.at(-1) === '%'
    const said = wanted.at(-1) ?? ''
    const full = takesWord ? [...command.slice(0, -1), said] : command
    if (isSame(wanted, full) && (!takesWord || (word.test(said) && said.length <= sessionWordBytes))) return full
  }
  return undefined
}

function isSame([file = '', ...args]: Command, [ownFile = '', ...ownArgs]: Command): boolean {
  return basename(file) === basename(ownFile) && args.join('\0') === ownArgs.join('\0')
}
