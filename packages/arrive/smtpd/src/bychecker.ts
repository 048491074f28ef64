/**
 * Logins that a program of the caller's judges: `smtpd checkpassword true`, as the qmail world has it (spec §18.3).
 *
 * It finds login, password or digest, and challenge on descriptor 3, a NUL after each. Exit code 0 says right, 1 wrong;
 * all others cannot tell.
 */
import type { Duplex } from 'node:stream'
import { startProgram } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import { authResponses, foreignCheckSeconds } from '@yabumi/limits'
import type { ExchangeStep } from '@yabumi/loginprotocol'
import { decodeBase64, encodeBase64, type ServerMechanism, type ServerStep, startServer } from '@yabumi/sasl'
import type { Exchange, Logins } from './logins.ts'

const mechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5']
const wrong = 1

type Claim = Extract<ServerStep, { kind: 'password' | 'digest' }>

export class ByChecker implements Logins {
  readonly #command: readonly string[]
  readonly #hostName: string

  /** @param command - the checker, its arguments, and what it is to run if the login is right */
  constructor(command: readonly string[], hostName: string) {
    this.#command = command
    this.#hostName = hostName
  }

  async mechanisms(): Promise<readonly string[]> {
    return mechanisms
  }

  exchange(): Exchange {
    return new CheckedExchange(this.#command, `<${process.pid}.${Date.now()}.${process.hrtime()[1]}@${this.#hostName}>`)
  }
}

class CheckedExchange implements Exchange {
  readonly #command: readonly string[]
  readonly #challenge: string
  #mechanism: ServerMechanism | undefined
  #responses = 0

  constructor(command: readonly string[], challenge: string) {
    this.#command = command
    this.#challenge = challenge
  }

  async begin(name: string, initial: string): Promise<ExchangeStep> {
    const terms = { verifierOf: () => noVerifier(), binding: undefined, nonce: '', challenge: this.#challenge }
    this.#mechanism = mechanisms.includes(name) ? startServer(name, terms) : undefined
    if (this.#mechanism === undefined) return { kind: 'unknown' }
    return initial === '' ? this.#step(undefined) : this.respond(initial === '=' ? '' : initial)
  }

  async respond(text: string): Promise<ExchangeStep> {
    const response = decodeBase64(text)
    return response === undefined ? { kind: 'malformed' } : this.#step(response)
  }

  close(): void {}

  async #step(response: string | undefined): Promise<ExchangeStep> {
    this.#responses += 1
    const step = this.#mechanism?.step(response)
    switch (step?.kind) {
      case 'challenge':
        return this.#responses < authResponses ? { kind: 'challenge', text: encodeBase64(step.text) } : { kind: 'malformed' }
      case 'password':
      case 'digest':
        return this.#check(step)
      case 'wrong':
        return { kind: 'wrong', login: step.login, text: step.why, seconds: 1 }
      default:
        return { kind: 'malformed' }
    }
  }

  async #check(claim: Claim): Promise<ExchangeStep> {
    const { login } = claim
    const secret = claim.kind === 'password' ? claim.password : claim.digest
    const code = await exitCodeOf(this.#command, `${login}\0${secret}\0${claim.kind === 'digest' ? claim.challenge : ''}\0`)
    if (code === 0) return { kind: 'right', login }
    if (code === wrong) return { kind: 'wrong', login, text: 'wrong login or password', seconds: 1 }
    return { kind: 'trouble', login, text: `${this.#command[0]} did not say whether the login is right` }
  }
}

function noVerifier(): never {
  throw new Error('a checker knows no verifiers')
}

/** @returns undefined if it did not run, or took too long */
function exitCodeOf([file = '', ...args]: readonly string[], third: string): Promise<number | null> {
  return new Promise((resolve) => {
    try {
      const child = startProgram({ file, args, env: byteEnvironment() }, { stdio: ['ignore', 'ignore', 2, 'pipe'] })
      const impatience = setTimeout(() => child.kill('SIGKILL'), 1000 * foreignCheckSeconds)
      const end = (code: number | null): void => {
        clearTimeout(impatience)
        resolve(code)
      }
      child.once('error', () => end(null))
      child.once('exit', (code) => end(code))
      const pipe = child.stdio[3] as Duplex | undefined
      pipe?.on('error', () => {}) // it did not read it: its exit code says what that means
      pipe?.resume().end(Buffer.from(third, 'latin1'))
    } catch {
      resolve(null)
    }
  })
}
