/**
 * Control files: one setting a file, under control/ of the home (spec §0.5, §3).
 *
 * Values are byte strings. A missing file is no error; any other trouble with a file is thrown as Trouble 4.3.0.
 */
import { readFileSync } from 'node:fs'
import { controlBytes } from '@yabumi/limits'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

export { ConstMap } from './constmap.ts'
export { keepUntilChanged } from './kept.ts'
export { watchControls } from './watch.ts'

/** The whole file as a byte string, or undefined if there is none. The path is relative to the working directory. */
export function readControl(name: string): string | undefined {
  let text: string
  try {
    text = readFileSync(`control/${name}`).toString('latin1')
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new Trouble('4.3.0', `unable to read control/${name}: ${errorText(cause)}`, { cause })
  }
  if (text.length > controlBytes) throw new Trouble('4.3.0', `unable to read control/${name}: longer than ${controlBytes} bytes`)
  return text
}

/** Without trailing white space. A loop, because the plain regular expression takes quadratic time on a line of blanks. */
function strip(line: string): string {
  let end = line.length
  while (end > 0 && ' \t\n'.includes(line[end - 1] as string)) end -= 1
  return line.slice(0, end)
}

/** The first line of a file without trailing white space; the empty string if the file is there but empty. */
export function readLine(name: string): string | undefined {
  const text = readControl(name)
  return text === undefined ? undefined : strip(text.split('\n', 1)[0] ?? '')
}

/** The first line of a file, or else of control/me. */
export function readLineOrMe(name: string): string | undefined {
  return readLine(name) ?? readLine('me')
}

/** The number that a file starts with; the default if there is no file or it does not start with a digit. */
export function readNumber(name: string, otherwise: number): number {
  const digits = /^[0-9]+/.exec(readLine(name) ?? '')
  return digits === null ? otherwise : Number(digits[0])
}

/** The lines of a file without comments, empty lines and trailing white space; undefined if there is no file. */
export function readList(name: string): string[] | undefined {
  const text = readControl(name)
  return text === undefined ? undefined : listLines(text)
}

/** The entries of a list file's text: same rules, for the files that are kept elsewhere. */
export function listLines(text: string): string[] {
  return text
    .split('\n')
    .map(strip)
    .filter((line) => line !== '' && line[0] !== '#')
}
