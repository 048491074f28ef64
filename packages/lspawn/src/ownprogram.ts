/**
 * QMAILLOCAL: a program in place of local, run for each delivery as qmail-lspawn runs qmail-local (spec §2.4.3), so that
 * C's qmail-local, or a wrapper around one, can be used.
 */
import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { type Rights, startProgramAs } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import { makePipe } from '@yabumi/posix'
import { ReportText } from '@yabumi/spawnprotocol'
import { isTemporary } from '@yabumi/trouble'
import type { Ending } from './verdict.ts'
import type { Ended } from './worker.ts'

const cannotRunNow = 120
const cannotRunAtAll = 126

/**
 * Deliver with a program of one's own.
 *
 * @param file - its path, relative to the home; PATH is not searched
 * @param ended - told once, when the program has ended and nobody holds its output open any more
 * @throws the system's error if there is no pipe to be had
 */
export function runOwnProgram(file: string, args: readonly string[], rights: Rights | undefined, fd: number, ended: Ended): void {
  const { read, write } = makePipe(true)
  const written = new ReportText()
  const output = new Socket({ fd: read, readable: true, writable: false })
  output.on('data', (bytes) => written.append(bytes))
  output.on('error', () => {})
  const silence = new Promise<void>((resolve) => output.once('close', resolve))
  const child = start(file, args, rights, [fd, write, write], output)
  const end = new Promise<Ending>((resolve) => {
    child.on('error', (error) => resolve(isTemporary(error) ? cannotRunNow : cannotRunAtAll))
    child.on('exit', (code) => resolve(code ?? 'crashed'))
  })
  void Promise.all([end, silence]).then(([ending]) => ended(ending, String(written)))
}

function start(
  file: string,
  args: readonly string[],
  rights: Rights | undefined,
  stdio: [number, number, number],
  output: Socket,
): ChildProcess {
  try {
    const path = file.includes('/') ? file : `./${file}`
    return startProgramAs({ file: path, args: ['--', ...args], env: byteEnvironment() }, rights, { stdio })
  } catch (error) {
    output.destroy()
    throw error
  } finally {
    closeSync(stdio[1])
  }
}
