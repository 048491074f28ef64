/**
 * Logins that a program of the caller's judges, which then serves the client: qmail's way, with this process's own
 * rights.
 */
import type { ChildProcess } from 'node:child_process'
import { complain } from '@yabumi/commandline'
import { nowSeconds } from '@yabumi/dates'
import { popChecks } from '@yabumi/limits'
import { connectionVariables } from '@yabumi/listener'
import type { Answer, Credentials } from '@yabumi/loginclient'
import type { Behind, Knock, Visitor } from '@yabumi/loginfront'
import { Seldom } from '@yabumi/logline'
import { PopSwitch } from '@yabumi/pop3'
import { Checks } from './checks.ts'
import { answerTo, runSubprogram, type Subprogram, tellEnd } from './subprogram.ts'

export class ByProgram implements Behind {
  readonly #hostName: string
  readonly #program: Subprogram
  readonly #children = new Set<ChildProcess>()
  readonly #checks = new Checks(() => complain(`popup: ${popChecks} logins are being checked; others wait for their turn`))
  readonly #seldom = new Seldom((line) => complain(`popup: ${line}`))
  /** The program may know secrets or not: nobody can tell but the administrator. */
  readonly #apop = new PopSwitch('apop', (line) => this.#seldom.say('apop', line))
  #count = 0
  #isEnding = false

  constructor(hostName: string, program: Subprogram) {
    this.#hostName = hostName
    this.#program = program
  }

  async knock(): Promise<Knock> {
    this.#count += 1
    const challenge = `<${process.pid}.${this.#count}.${nowSeconds()}@${this.#hostName}>`
    return {
      challenge: this.#apop.isOn ? challenge : undefined,
      isExact: false,
      admit: (credentials, visitor) => this.#admit(credentials, visitor, challenge),
      leave: () => undefined,
    }
  }

  endSessions(): void {
    this.#isEnding = true
    for (const child of this.#children) child.kill('SIGTERM')
  }

  async #admit(credentials: Credentials, { fd, ends, rule, log }: Visitor, challenge: string): Promise<Answer> {
    const program = { ...this.#program, env: [...this.#program.env, ...connectionVariables(ends), ...(rule?.variables ?? [])] }
    const { login } = credentials
    const judged = await this.#checks.turn()
    let process: ChildProcess | undefined
    const started = (child: ChildProcess): void => {
      process = child
      this.#children.add(child)
      if (this.#isEnding) child.kill('SIGTERM')
      log?.began(child.pid, login, false)
    }
    const ended = await runSubprogram(program, [fd, fd], credentials, challenge, started, judged)
    judged()
    if (process !== undefined) this.#children.delete(process)
    tellEnd(ended, program.file, login, log, process)
    return answerTo(ended)
  }
}
