/**
 * QMAILLOCAL: a program in place of local, run for each delivery as qmail-lspawn runs qmail-local (spec §2.4.3). So C's
 * qmail-local, or a wrapper around one, can be used.
 */
import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { type Rights, startProgramAs } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import { makePipe, sealedFile } from '@yabumi/posix'
import { type Content, ReportText } from '@yabumi/spawnprotocol'
import { cannotRunExit } from '@yabumi/trouble'
import type { Ending } from './verdict.ts'
import type { Ended } from './worker.ts'

interface Running {
  readonly child: ChildProcess
  readonly output: Socket
}

/** All that are under way. */
export class OwnPrograms {
  readonly #running = new Set<Running>()

  /**
   * Deliver with a program of one's own.
   *
   * @param file - its path, relative to the home; PATH is not searched
   * @param ended - told once, when the program has ended and nobody holds its output open any more
   * @throws the system's error if there is no pipe to be had, or no memory for a copy of the message
   */
  run(file: string, args: readonly string[], rights: Rights | undefined, content: Content, ended: Ended): void {
    const fd = typeof content === 'number' ? content : sealedFile('message', content)
    try {
      this.#run(file, args, rights, fd, ended)
    } finally {
      if (fd !== content) closeSync(fd)
    }
  }

  #run(file: string, args: readonly string[], rights: Rights | undefined, fd: number, ended: Ended): void {
    const { read, write } = makePipe(true)
    const written = new ReportText()
    const output = new Socket({ fd: read, readable: true, writable: false })
    output.on('data', (bytes) => written.append(bytes))
    output.on('error', () => {})
    const silence = new Promise<void>((resolve) => output.once('close', resolve))
    const child = start(file, args, rights, [fd, write, write], output)
    const running = { child, output }
    this.#running.add(running)
    const end = new Promise<Ending>((resolve) => {
      child.on('error', () => resolve(cannotRunExit))
      child.on('exit', (code) => resolve(code ?? 'crashed'))
    })
    void Promise.all([end, silence]).then(([ending]) => {
      this.#running.delete(running)
      ended(ending, String(written))
    })
  }

  /** Tell them to end. */
  finish(): void {
    for (const { child } of this.#running) child.kill('SIGTERM')
  }

  /** End them, and wait for nobody who holds their output open. */
  kill(): void {
    for (const { child, output } of this.#running) {
      child.kill('SIGKILL')
      output.destroy()
    }
  }
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
