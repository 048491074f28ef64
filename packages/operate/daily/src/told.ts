/**
 * Which lines did not end well last time, and so what the postmaster knows: `state/daily/told`, the words of each.
 *
 * Crash   after a letter was queued has it written once more
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { writeToPostmaster } from '@yabumi/postmaster'
import { printableText } from '@yabumi/printable'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

const directory = 'state/daily'
const path = `${directory}/told`

/**
 * Write to postmaster that a program has begun to fail, or ends well again. As long as it goes on failing nothing more is said.
 *
 * @param command - the words of its line
 * @param outcome - what was wrong; undefined: nothing
 * @param said - the end of what it has said, a byte string
 * @throws Trouble 4.3.0 if no mail can be queued, or the file not be read or written
 */
export async function tellOutcome(command: string, outcome: string | undefined, said: string): Promise<void> {
  const failing = readTold()
  if (failing.has(command) === (outcome !== undefined)) return
  if (outcome === undefined) {
    await writeToPostmaster('daily', `${command} ends well again`, `${command} has done its daily work again.\n`)
    failing.delete(command)
  } else {
    await writeToPostmaster('daily', `${command} has failed`, letter(command, outcome, said))
    failing.add(command)
  }
  writeTold(failing)
}

function letter(command: string, outcome: string, said: string): string {
  const words = said === '' ? 'It has said nothing.\n' : `The end of what it has said:\n\n${printableText(said, '_').trimEnd()}\n`
  return `${command}: ${outcome}. It is run again tomorrow. There will be no other letter before it ends well.\n\n${words}`
}

function readTold(): Set<string> {
  try {
    return new Set(readFileSync(path, 'latin1').split('\n').filter(Boolean))
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return new Set()
    throw new Trouble('4.3.0', `unable to read ${path}: ${errorText(cause)}`, { cause })
  }
}

function writeTold(failing: ReadonlySet<string>): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 })
    writeFileSync(`${path}.new`, [...failing].map((command) => `${command}\n`).join(''), 'latin1')
    renameSync(`${path}.new`, path)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to write ${path}: ${errorText(cause)}`, { cause })
  }
}
