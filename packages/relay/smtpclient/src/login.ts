/**
 * With which login a relay takes our mail (spec §17.5).
 *
 * It stands in the route itself, as sagredo's does, or in control/routepasswords.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { lowerCase } from '@yabumi/address'
import { controlBytes } from '@yabumi/limits'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

export interface Login {
  readonly user: string
  readonly password: string
  /** The operator allows it to be shown without a verified host. */
  readonly plain: boolean
}

/** `USER|PASSWORD`, and `|plain`: what follows the relay of a route, or of a line of control/routepasswords. */
export function loginIn(words: readonly string[]): Login | undefined {
  const [user, password, ...rest] = words
  if (user === undefined || user === '' || password === undefined) return undefined
  return { user, password, plain: rest[0] === 'plain' }
}

const file = 'control/routepasswords'
const readableByOthers = 0o007

/**
 * The login of a relay, by lines `RELAY|USER|PASSWORD`.
 *
 * @throws Trouble 4.3.0 if the file cannot be read, or if everybody can
 */
export function routePassword(relay: string): Login | undefined {
  let fd: number
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new Trouble('4.3.0', `unable to read ${file}: ${errorText(cause)}`, { cause })
  }
  try {
    const { mode, size } = fstatSync(fd)
    if ((mode & readableByOthers) !== 0) throw new Trouble('4.3.0', `${file} is readable by everybody`)
    if (size > controlBytes) throw new Trouble('4.3.0', `unable to read ${file}: longer than ${controlBytes} bytes`)
    const lines = readFileSync(fd, 'latin1')
      .split(/\r?\n/)
      .filter((line) => line !== '' && !line.startsWith('#'))
    const words = lines.map((line) => line.split('|')).find(([name = '']) => lowerCase(name) === lowerCase(relay))
    return words === undefined ? undefined : loginIn(words.slice(1))
  } finally {
    closeSync(fd)
  }
}
