/**
 * Checkers of the administrator's: `control/checkpassword` names a program with qmail's interface (spec §6.2), and its
 * arguments. It decides whom to let in, and becomes the user itself: it is trusted as root's own.
 *
 * What it is given to run tells on descriptor 4 that it was run, and becomes what serves the client. Dovecot's checkers
 * leave that one open likewise.
 */
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { lstatSync, type Stats } from 'node:fs'
import type { Duplex, Readable } from 'node:stream'
import { startProgram } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import { readControl } from '@yabumi/control'
import { foreignCheckSeconds } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'

const writableByOthers = 0o022
const letIn = 'echo >&4 && exec 4>&- && exec "$@"'
/** Exit codes that say "not this one"; all others say that it could not tell (spec §6.2). */
export const wrong = 1

/** What the administrator's checker decided. */
export type Verdict = 'right' | 'wrong' | 'unknown'

/**
 * The words of the command that a control file names to judge logins; undefined if there is none.
 *
 * @throws Trouble 4.3.0 if somebody else than the owner of the home, root's in root's, could have named it
 */
export function foreignChecker(setting: 'checkpassword' | 'oauth'): readonly string[] | undefined {
  const file = lstatSync(`control/${setting}`, { throwIfNoEntry: false })
  if (file === undefined) return undefined
  if (!file.isFile() || !isOurs(file) || !isOurs(lstatSync('control'))) {
    throw new Trouble(
      '4.3.0',
      `control/${setting} names a program that is believed: it and control/ must be uid ${process.getuid?.()}'s, and written by nobody else`,
    )
  }
  const words = readControl(setting)?.trim().split(/\s+/).filter(Boolean) ?? []
  if (words.length === 0) throw new Trouble('4.3.0', `control/${setting} is empty: name a program, or remove it`)
  return words
}

function isOurs({ uid, mode }: Stats): boolean {
  return uid === process.getuid?.() && (mode & writableByOthers) === 0
}

/**
 * Have it checked. The program that is started is the session, once the verdict is `right`.
 *
 * @param stdio - descriptors 0 to 2
 * @param serve - what shall serve the client, by its absolute path
 */
export function runChecker(
  [file = '', ...args]: readonly string[],
  { login, secret }: { readonly login: string; readonly secret: string },
  serve: readonly string[],
  stdio: readonly (number | 'ignore')[],
): { readonly child: ChildProcess; readonly verdict: Promise<Verdict> } {
  const options: SpawnOptions = { stdio: [...stdio, 'pipe', 'pipe'], detached: true }
  const child = startProgram({ file, args: [...args, '/bin/sh', '-c', letIn, 'sh', ...serve], env: byteEnvironment() }, options)
  const third = child.stdio[3] as Duplex | undefined
  third?.on('error', () => {}) // it did not read it: how it ends says what that means
  third?.end(Buffer.from(`${login}\0${secret}\0\0`, 'latin1'))
  const verdict = new Promise<Verdict>((resolve) => {
    const impatience = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, 1000 * foreignCheckSeconds)
    const tell = (verdict: Verdict): void => {
      clearTimeout(impatience)
      resolve(verdict)
    }
    const fourth = child.stdio[4] as Readable | undefined
    fourth?.once('data', () => {
      tell('right')
      fourth.destroy()
    })
    child.on('error', () => tell('unknown'))
    child.on('close', (code) => tell(code === wrong ? 'wrong' : 'unknown'))
  })
  return { child, verdict }
}
