/** Call a socket of a home as any account, by a program of its own (caller.cjs). */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { ScratchHome } from '../../support/home.ts'

const caller = join(import.meta.dirname, 'caller.cjs')

/** Call a socket of the home as an account. @returns what it said, as text; errors by their names */
export function call(home: ScratchHome, uid: number, socket: string, bytes: Buffer, count = 1, silenceMilliseconds = 60_000): string {
  const args = [caller, join(home.directory, socket), bytes.toString('hex'), String(count), String(silenceMilliseconds)]
  const heard = execFileSync(process.execPath, args, { uid, gid: uid, cwd: '/', encoding: 'latin1', maxBuffer: 1e8 })
  return /^E/.test(heard) ? heard.trim() : Buffer.from(heard, 'hex').toString('latin1')
}
