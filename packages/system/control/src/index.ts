/**
 * Control files: one setting a file, under control/ of the home (spec §0.5, §3).
 *
 * Values are byte strings. A missing file is no error; any other trouble with a file is thrown as Trouble 4.3.0.
 */
import { readFileSync, statSync } from 'node:fs'
import { withoutEnd } from '@yabumi/blanks'
import { controlBytes } from '@yabumi/limits'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { hasPassword, problemOfLine } from './linecheck.ts'
import { hasListener, noteText, warn } from './warnings.ts'

export { ConstMap, findByHost } from './constmap.ts'
export { keepUntilChanged } from './kept.ts'
export { LastGood } from './lastgood.ts'
export { StopTime } from './stoptime.ts'
export { onControlWarning } from './warnings.ts'
export { watchControls } from './watch.ts'

const readableByOthers = 0o004

/** What some editors put in front of a text that is UTF-8. */
const byteOrderMark = '\xef\xbb\xbf'

/**
 * The whole file as a byte string, or undefined if there is none. Line ends of another
 * system are those of this one, and a byte order mark does not count.
 *
 * @param home - whose control/ it is
 */
export function readControl(name: string, home: string = '.'): string | undefined {
  let text: string
  try {
    text = readFileSync(`${home}/control/${name}`).toString('latin1')
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new Trouble('4.3.0', `unable to read control/${name}: ${errorText(cause)}`, { cause })
  }
  if (text.length > controlBytes) throw new Trouble('4.3.0', `unable to read control/${name}: longer than ${controlBytes} bytes`)
  noteText(name, text)
  if (text.startsWith(byteOrderMark)) warn(name, 1, 'begins with a byte order mark, which does not count; save it without')
  text = withoutMark(text)
  return text.includes('\r') ? text.replaceAll('\r\n', '\n') : text
}

function withoutMark(text: string): string {
  return text.startsWith(byteOrderMark) ? text.slice(byteOrderMark.length) : text
}

/**
 * The first line of a file without trailing white space; the empty string if the file is there but empty.
 *
 * @throws Trouble 4.3.0 also for a control/me without a name: a full disk leaves such a file, and all local mail would go to `joe@`
 */
export function readLine(name: string): string | undefined {
  const text = readControl(name)
  if (text === undefined) return undefined
  const line = withoutEnd(text.split('\n', 1)[0] ?? '')
  if (hasListener()) {
    const problem = problemOfOnly(line, text) ?? problemOfLine(name, line)
    if (problem !== undefined) warn(name, 1, problem)
  }
  if (name === 'me' && (line === '' || line[0] === '#'))
    throw new Trouble('4.3.0', "unable to read control/me: its first line is to be this host's name")
  return line
}

function problemOfOnly(line: string, text: string): string | undefined {
  if (line[0] === '#') return 'is no comment but the value, as nothing else of the file is'
  return line === '' && withoutEnd(text) !== '' ? 'is empty, and the lines after it do not count' : undefined
}

/** The first line of a file, or else of control/me. */
export function readLineOrMe(name: string): string | undefined {
  return readLine(name) ?? readLine('me')
}

/** The number that a file starts with; the default if there is no file or it does not start with a digit. */
export function readNumber(name: string, otherwise: number): number {
  return Number(readDigits(name) ?? otherwise)
}

/** The digits that a file starts with; undefined if there are none, or no file. */
export function readDigits(name: string): string | undefined {
  const line = readLine(name) ?? ''
  const digits = /^[0-9]+/.exec(line)?.[0]
  if (line !== '' && digits === undefined) warn(name, 1, 'does not begin with a number, so it does not count')
  else if (/^[0-9]+[^0-9 \t]/.test(line))
    warn(name, 1, `counts as ${Number(digits)}: what follows the digits, a unit or another number, does not`)
  return digits
}

/**
 * A file that holds 0 or 1.
 *
 * @param before - what counts for any other line
 * @param otherwise - what counts without the file
 */
export function readSwitch(name: string, before: boolean, otherwise = false): boolean {
  const line = readLine(name)
  if (line === undefined) return otherwise
  return line === '0' || line === '1' ? line === '1' : before
}

/** The lines of a file without comments, empty lines and trailing white space; undefined if there is no file. */
export function readList(name: string): string[] | undefined {
  const text = readControl(name)
  if (text === undefined) return undefined
  if (hasListener()) warnOfLines(name, text)
  return listLines(text)
}

function warnOfLines(name: string, text: string): void {
  for (const [index, line] of text.split('\n').entries()) {
    const problem = problemOfLine(name, withoutEnd(line))
    if (problem !== undefined) warn(name, index + 1, problem)
    if (hasPassword(name, line) && isOpen(name))
      warn(name, index + 1, 'has a password that everybody on this host may read; chmod o-r the file')
  }
}

function isOpen(name: string): boolean {
  return ((statSync(`control/${name}`, { throwIfNoEntry: false })?.mode ?? 0) & readableByOthers) !== 0
}

/** The entries of a list file's text: same rules, for the files that are kept elsewhere. */
export function listLines(text: string): string[] {
  return withoutMark(text)
    .split('\n')
    .map(withoutEnd)
    .filter((line) => line !== '' && line[0] !== '#')
}
