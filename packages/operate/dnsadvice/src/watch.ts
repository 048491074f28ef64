/** Tell the postmaster what is wrong with a domain, when that has changed. */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { writeToPostmaster } from '@yabumi/postmaster'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

const directory = 'state/dnsadvice'

/**
 * Write to postmaster, if the lines are others than last time.
 *
 * Crash   after the mail was queued has it sent once more
 *
 * @param lines - what is wrong now, `CODE: sentence`
 * @throws Trouble 4.3.0 if that cannot be kept, or no mail be queued
 */
export async function tellChange(domain: string, lines: readonly string[]): Promise<void> {
  const path = `${directory}/${domain}`
  const text = lines.map((line) => `${line}\n`).join('')
  if (text === before(path)) return
  await writeToPostmaster('dnsadvice', `The DNS of ${domain}`, text === '' ? 'Nothing is wrong any more.\n' : text)
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 })
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to write ${path}: ${errorText(cause)}`, { cause })
  }
}

/** A domain that nobody has looked at had no fault. */
function before(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return ''
    throw new Trouble('4.3.0', `unable to read ${path}: ${errorText(cause)}`, { cause })
  }
}
