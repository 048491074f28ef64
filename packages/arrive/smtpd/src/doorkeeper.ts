/**
 * Who may connect, with which environment: rules for clients (package listener), asked with the client's name where one
 * of them goes by name.
 *
 * While the rules cannot be read nobody comes in, as with tcpserver: they may be what keeps relaying closed.
 */
import { existsSync } from 'node:fs'
import { complain } from '@yabumi/commandline'
import { ClientRules, type Rule } from '@yabumi/listener'
import { errorText } from '@yabumi/trouble'
import type { ClientNames } from './clientnames.ts'

/** Where tcprules puts them in the usual qmail installation; obeyed without being asked for, if it is there at the start. */
const usualRules = 'control/smtp.cdb'

/** @param rulesFile - undefined for the usual file. @returns undefined if there are no rules. @throws Trouble 4.3.0 if they cannot be read */
export function findDoorkeeper(rulesFile: string | undefined, names: ClientNames | undefined): Doorkeeper | undefined {
  const path = rulesFile ?? (existsSync(usualRules) ? usualRules : undefined)
  return path === undefined ? undefined : new Doorkeeper(path, names)
}

export class Doorkeeper {
  /** Of the rules; as the operator named it. */
  readonly path: string
  readonly #rules: ClientRules
  readonly #names: ClientNames | undefined
  #complaint = ''

  /**
   * @param names - where clients have names; without, rules by name never apply
   * @throws Trouble 4.3.0 if the file cannot be read
   */
  constructor(path: string, names: ClientNames | undefined) {
    this.path = path
    this.#rules = new ClientRules(path)
    this.#names = names
  }

  /** @returns the rule; a promise, which never rejects, where a name is asked for; undefined if there is no telling, which was logged */
  ruleFor(address: string): Rule | undefined | Promise<Rule | undefined> {
    try {
      if (this.#names === undefined || !this.#rules.namesMatter) return this.#decide(address, undefined)
    } catch (error) {
      return this.#complain(error)
    }
    const name = this.#names.confirmedNameOf(address)
    return typeof name === 'string' ? this.#decide(address, name) : name.then((known) => this.#decide(address, known))
  }

  #decide(address: string, name: string | undefined): Rule | undefined {
    try {
      const rule = this.#rules.ruleFor(address, name === 'unknown' ? undefined : name)
      this.#complaint = ''
      return rule
    } catch (error) {
      return this.#complain(error)
    }
  }

  #complain(error: unknown): undefined {
    const complaint = errorText(error)
    if (complaint !== this.#complaint) complain(`smtpd: ${complaint}; new clients hear 421 until that is put right`)
    this.#complaint = complaint
    return undefined
  }
}
