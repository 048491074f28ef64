/** A program on a terminal of its own: what it shows can be waited for, and keys can be typed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { find } from '../../../support/programs.ts'
import { until } from '../../../support/wait.ts'

export class Terminal {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #shown = ''
  /** Where that which has not been looked for begins. */
  #seen = 0

  /** @param command - a line of shell. @param directory - also its HOME */
  constructor(command: string, directory: string, env: Readonly<Record<string, string>> = {}) {
    const environment = {
      PATH: process.env['PATH'] ?? '',
      HOME: directory,
      TERM: 'vt100',
      LC_ALL: 'C.UTF-8',
      LINES: '40',
      COLUMNS: '120',
      ...env,
    }
    const sized = `stty rows 40 cols 120; exec ${command}`
    this.#child = spawn(find('script') ?? 'script', ['-qec', sized, '/dev/null'], {
      cwd: directory,
      env: environment,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#ended = once(this.#child, 'exit')
    this.#child.stdin?.on('error', () => undefined)
    this.#child.stdout?.on('data', (bytes: Buffer) => {
      this.#shown += bytes.toString('latin1')
    })
  }

  /** Without the terminal's own words. */
  get shown(): string {
    return plain(this.#shown.slice(this.#seen))
  }

  /** Wait until it shows this; what is shown up to now does not count the next time. */
  async shows(pattern: RegExp): Promise<void> {
    await until(
      () => `${pattern} on the terminal, which shows:\n${this.shown}`,
      () => pattern.test(this.shown) || this.#hasEnded(pattern),
    )
    this.#seen = this.#shown.length
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  /** Wait until it has ended. */
  async end(): Promise<void> {
    await until(
      () => `the program ends; the terminal shows:\n${this.shown}`,
      () => this.#child.exitCode !== null,
    ).finally(() => this.kill())
    await this.#ended
  }

  /** script(1) outlives a HUP; with it the terminal goes, and so does the program. */
  kill(): void {
    this.#child.stdin?.end()
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL')
  }

  #hasEnded(pattern: RegExp): false {
    if (this.#child.exitCode !== null) throw new Error(`the program has ended without ${pattern}:\n${this.shown}`)
    return false
  }
}

const control = String.fromCharCode(27)
const sequences = new RegExp(`${control}(?:\\[[0-9;?>=!]*[A-Za-z]|[()][A-Z0-9]|[=>A-Z0-9])|[\\x0e\\x0f\\x07]`, 'g')

function plain(text: string): string {
  return text.replace(sequences, '')
}
