/** Control files with passwords: for the account of remote alone to read. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { controlBytes } from '@yabumi/limits'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

const readableByOthers = 0o007

/**
 * The lines of such a file by their numbers, without those that are empty or comments; none without the file.
 *
 * @throws Trouble 4.3.0 if the file cannot be read, or if everybody can
 */
export function secretLines(name: string): ReadonlyMap<number, string> {
  const file = `control/${name}`
  let fd: number
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return new Map()
    throw new Trouble('4.3.0', `unable to read ${file}: ${errorText(cause)}`, { cause })
  }
  try {
    const { mode, size } = fstatSync(fd)
    if ((mode & readableByOthers) !== 0) throw new Trouble('4.3.0', `${file} is readable by everybody`)
    if (size > controlBytes) throw new Trouble('4.3.0', `unable to read ${file}: longer than ${controlBytes} bytes`)
    const lines = readFileSync(fd, 'latin1').split(/\r?\n/)
    return new Map([...lines.entries()].map(([at, line]) => [at + 1, line] as const).filter(([, line]) => line !== '' && line[0] !== '#'))
  } finally {
    closeSync(fd)
  }
}
