/** Run the programs of the home, as a person would. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { Trouble } from '@yabumi/trouble'

const outputBytes = 1024 * 1024

/** The programs beside this one, for one home. */
export class Programs {
  readonly #bin: string
  readonly #environment: Readonly<Record<string, string>>

  /** @param bin - the directory of the programs @param home - absolute path */
  constructor(bin: string, home: string) {
    this.#bin = bin
    this.#environment = { PATH: `${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`, YABUMI_HOME: home }
  }

  /**
   * Run one to its end.
   *
   * @returns what it wrote on descriptor 1, latin1
   * @throws Trouble 4.3.0 with its complaint
   */
  run(name: string, args: readonly string[], input = ''): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { encoding: 'latin1' as const, env: this.#environment, maxBuffer: outputBytes }
      const child = execFile(`${this.#bin}/${name}`, args, options, (error, stdout, stderr) => {
        if (error === null) return resolve(stdout)
        reject(new Trouble('4.3.0', `${[name, ...args].join(' ')}: ${stderr.trim().split('\n').at(-1) || error.message}`, { cause: error }))
      })
      child.stdin?.on('error', () => undefined) // its exit code says why it read no more
      child.stdin?.end(input, 'latin1')
    })
  }

  /** Start one that goes on; its complaints are read by the caller, and descriptor 3 is a pipe on which it says that it is ready. */
  start(name: string, args: readonly string[]): ChildProcess {
    return spawn(`${this.#bin}/${name}`, args, { env: this.#environment, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  }
}
