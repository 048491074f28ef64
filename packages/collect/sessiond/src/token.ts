/**
 * Tokens of OAuth: `control/oauth` names a program that judges them, and its arguments (spec §18.9).
 *
 * Trust   the program runs as the account check, which owns nothing here; its word is believed
 */
import type { Duplex } from 'node:stream'
import { startProgramAs } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import { account } from '@yabumi/home'
import { tokenCheckSeconds } from '@yabumi/limits'
import { type Verdict, wrong } from './foreign.ts'

/**
 * It reads login, token and nothing on descriptor 3, a NUL after each. When its time is over it is killed with what it
 * has started.
 *
 * @returns `unknown` if it did not say so
 * @throws Trouble 4.3.0 if root's home has no account check
 */
export function judgeToken(
  [file = '', ...args]: readonly string[],
  { login, secret }: { readonly login: string; readonly secret: string },
): Promise<Verdict> {
  const rights = process.getuid?.() === 0 ? account('check') : undefined
  const child = startProgramAs({ file, args, env: byteEnvironment() }, rights, {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const third = child.stdio[3] as Duplex | undefined
  third?.on('error', () => {}) // it did not read it: how it ends says what that means
  third?.resume().end(Buffer.from(`${login}\0${secret}\0\0`, 'latin1'))
  return new Promise((resolve) => {
    const impatience = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, 1000 * tokenCheckSeconds)
    const tell = (verdict: Verdict): void => {
      clearTimeout(impatience)
      third?.destroy()
      resolve(verdict)
    }
    child.on('error', () => tell('unknown'))
    child.on('exit', (code) => tell(code === 0 ? 'right' : code === wrong ? 'wrong' : 'unknown'))
  })
}
