/**
 * One program, from its start to the end of all that it has started. What it says goes where our log goes, and its end
 * is kept.
 */
import { startProgram } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import { dailyProgramSeconds, dailySaidBytes, programTermSeconds } from '@yabumi/limits'
import type { Line } from './schedule.ts'

export interface Done {
  /** What was wrong; undefined if nothing was. */
  readonly outcome: string | undefined
  /** The end of what it has said, a byte string. */
  readonly said: string
}

/** Bytes that a program leaves in a pipe are read for so long after its end: what it has started may hold the pipe open. */
const lastWordsMilliseconds = 1_000

export class Work {
  readonly #line: Line

  constructor(line: Line) {
    this.#line = line
  }

  /**
   * Do it.
   *
   * @param signal - tells it to end
   */
  async done(signal: AbortSignal): Promise<Done> {
    const [name, ...args] = this.#line.words
    const child = startProgram({ file: `bin/${name}`, args, env: byteEnvironment() }, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    let said = ''
    const hear = (bytes: Buffer): void => {
      process.stderr.write(bytes)
      said = (said + bytes.toString('latin1')).slice(-dailySaidBytes)
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    const silence = new Promise<void>((resolve) => child.once('close', () => resolve()))
    let isLate = false
    const tell = (name: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name)
      } catch {
        // gone a moment ago
      }
    }
    const end = (): void => {
      tell('SIGTERM')
      timer = setTimeout(() => tell('SIGKILL'), programTermSeconds * 1_000)
    }
    let timer = setTimeout(() => {
      isLate = true
      end()
    }, dailyProgramSeconds * 1_000)
    signal.addEventListener('abort', end)
    const outcome = await new Promise<string | undefined>((resolve) => {
      child.once('error', (error) => resolve(`unable to run it: ${error.message}`))
      child.once('exit', (code, killer) => resolve(code === 0 ? undefined : `ended with ${killer ?? code}`))
    })
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    await Promise.race([silence, new Promise((resolve) => setTimeout(resolve, lastWordsMilliseconds).unref())])
    return { outcome: isLate ? `took more than ${dailyProgramSeconds} seconds` : outcome, said }
  }
}
