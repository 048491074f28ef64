/**
 * What a program that stays is called among the processes: `yabumi-send`, or as it was called, `qmail-send`.
 *
 * ps, top, pgrep and killall read the name that the kernel keeps, 15 bytes of it. pidof and ps -f read the command
 * line, and killall too where 15 bytes are not all. Node's own would be the same for all. Costs two calls and a file;
 * what lives for a moment is not named.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { calledName } from './called.ts'

const residents = new Set([
  'authd',
  'clean',
  'daily',
  'imap',
  'imapd',
  'lspawn',
  'maildirwatch',
  'pop3d',
  'recipientd',
  'rspawn',
  'send',
  'sessiond',
  'sessionlog',
  'supervise',
  'webfiles',
])
/** What stays only if its first option says so. */
const modes: ReadonlyMap<string, string> = new Map([
  ['local', '--worker'],
  ['popup', '--listen'],
  ['queue', '--listen'],
  ['smtpd', '--listen'],
])
const kernelBytes = 15
const plainWords = /^[ -~]*$/ // others are read from the kernel's copy of the command line, which is what would be written over

/** @param own - the name of the program's package */
export function nameProcess(own: string): void {
  const words = process.argv.slice(3)
  if (!residents.has(own) && (words[0] === undefined || words[0] !== modes.get(own))) return
  const name = calledName(own, `${prefix()}${own}`)
  const shown = name.length > kernelBytes ? [] : words // a longer name is found by the command line, as its only word
  if (words.every((word) => plainWords.test(word))) process.title = [name, ...shown].join(' ')
  try {
    writeFileSync('/proc/self/comm', name)
  } catch {
    // no /proc: the name matters to nobody
  }
}

/** make install writes down the prefix that was asked for. */
function prefix(): string {
  try {
    return readFileSync(join(dirname(process.argv[1] ?? ''), 'nameprefix'), 'latin1').trim()
  } catch {
    return 'yabumi-'
  }
}
