/**
 * The token of OAuth that a login shows a relay: what a file holds, or what a program says.
 *
 * A file that may be run is a program. It is run as we are, `FILE USER RELAY`, and by no shell, so that no byte of a
 * name is ever a command. It writes the token to descriptor 3 and ends with 0; what it writes to 2 is in our log.
 *
 * Trust   the file is root's or ours, and written by nobody else; if it is a token, not everybody reads it
 */
import { constants as file, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { startProgram } from '@yabumi/child'
import { tokenBytes, tokenProgramSeconds } from '@yabumi/limits'
import { errorText } from '@yabumi/trouble'

/** There is none. The message says why, after the name of the file. */
export class NoToken extends Error {
  override readonly name = 'NoToken'
}

const executable = 0o111
const writableByOthers = 0o022
const readableByOthers = 0o007

/**
 * The token that is good now.
 *
 * @param path - relative to the home, or absolute
 * @throws NoToken
 */
export async function tokenFrom(path: string, user: string, relay: string): Promise<string> {
  let text: string
  try {
    const handle = await open(path, file.O_RDONLY | file.O_NOFOLLOW | file.O_NONBLOCK)
    text = await read(path, handle, [user, relay]).finally(() => handle.close())
  } catch (error) {
    throw new NoToken(`${path}: ${errorText(error)}`)
  }
  const token = text.replace(/\r?\n$/, '')
  if (!/^[!-~]+$/.test(token)) throw new NoToken(`${path}: what it gives is no token`)
  return token
}

async function read(path: string, handle: FileHandle, words: readonly string[]): Promise<string> {
  const stat = await handle.stat()
  const fault = faultOf(stat)
  if (fault !== undefined) throw new Error(fault)
  if ((stat.mode & executable) !== 0) return run(path, words)
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(tokenBytes + 1))
  if (bytesRead > tokenBytes) throw new Error(`longer than ${tokenBytes} bytes`)
  return buffer.toString('latin1', 0, bytesRead)
}

function faultOf(stat: Stats): string | undefined {
  const { uid, mode } = stat
  if (!stat.isFile()) return 'no file'
  if ((uid !== 0 && uid !== process.geteuid?.()) || (mode & writableByOthers) !== 0) return 'somebody else may write it'
  return (mode & executable) === 0 && (mode & readableByOthers) !== 0 ? 'readable by everybody' : undefined
}

/** What it writes to descriptor 3. When its time is over it is killed with what it has started. */
function run(path: string, args: readonly string[]): Promise<string> {
  const env = [['PATH', process.env['PATH'] ?? ''] as const]
  const program = { file: path.includes('/') ? path : `./${path}`, args, env }
  const child = startProgram(program, { stdio: ['ignore', 'ignore', 'inherit', 'pipe'], detached: true })
  const third = child.stdio[3] as Readable
  return new Promise((resolve, reject) => {
    let text = ''
    const fail = (why: string): void => {
      clearTimeout(impatience)
      third.destroy()
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // it has ended, and everything that it started
      }
      reject(new Error(why))
    }
    const impatience = setTimeout(fail, 1000 * tokenProgramSeconds, `took longer than ${tokenProgramSeconds} seconds`)
    third.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1')
      if (text.length > tokenBytes) fail(`more than ${tokenBytes} bytes`)
    })
    child.on('error', (error) => fail(errorText(error)))
    child.on('close', (code) => {
      if (code !== 0) return fail(`ended with ${code === null ? 'a signal' : `exit code ${code}`}`)
      clearTimeout(impatience)
      resolve(text)
    })
  })
}
