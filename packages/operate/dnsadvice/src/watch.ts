/** Tell the postmaster what is wrong with a domain, when that has changed. */

import { once } from 'node:events'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { startProgram } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
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
  await write(domain, text === '' ? 'Nothing is wrong any more.\n' : text)
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

async function write(domain: string, body: string): Promise<void> {
  const message = `From: postmaster (dnsadvice)\nTo: postmaster\nSubject: The DNS of ${domain}\n\n${body}`
  const child = startProgram({ file: 'bin/inject', args: [], env: byteEnvironment() }, { stdio: ['pipe', 'ignore', 2] })
  child.stdin?.on('error', () => undefined) // it has ended, which is seen below
  child.stdin?.end(message)
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Trouble('4.3.0', 'unable to queue mail for postmaster')
}
