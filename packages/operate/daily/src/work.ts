/** One program, from its start to the end of all that it has started. What it says goes where our log goes. */
import { startProgram } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import { dailyProgramSeconds, programTermSeconds } from '@yabumi/limits'
import type { Line } from './schedule.ts'

export class Work {
  readonly #line: Line

  constructor(line: Line) {
    this.#line = line
  }

  /**
   * Do it.
   *
   * @param signal - tells it to end
   * @returns what was wrong; undefined if nothing was
   */
  async done(signal: AbortSignal): Promise<string | undefined> {
    const [name, ...args] = this.#line.words
    const child = startProgram({ file: `bin/${name}`, args, env: byteEnvironment() }, { stdio: ['ignore', 2, 2], detached: true })
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
    return isLate ? `took more than ${dailyProgramSeconds} seconds` : outcome
  }
}
