/** What a database says is done with a message, followed to its ends. Nothing is done before that is known. */
import { lowerCase } from '@yabumi/address'
import { CdbFile } from '@yabumi/cdbfile'
import { errorText, Trouble } from '@yabumi/trouble'
import { type AliasCommand, decodeCommands } from './command.ts'
import { readList } from './list.ts'
import { commandsKey, ownerKey, targetsOf } from './target.ts'

export interface Handling {
  /** Whom bounces of what is forwarded go to; undefined: whom they would go to anyway. */
  readonly owner: string | undefined
  /** In their order, each once. */
  readonly programs: readonly AliasCommand[]
  readonly recipients: readonly string[]
}

/**
 * @param path - of the database
 * @returns undefined if it does not have the address
 * @throws Trouble 4.3.0 if it or a list cannot be read, or if all of it leads nowhere
 */
export function handlingOf(address: string, path: string): Handling | undefined {
  let database: CdbFile
  try {
    database = new CdbFile(path)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to read ${path}: ${errorText(cause)}`, { cause })
  }
  try {
    return new Expansion(database, path).of(address)
  } finally {
    database.close()
  }
}

class Expansion {
  readonly #database: CdbFile
  readonly #path: string
  /** Targets and lists that have been followed: aliases may lead back to each other. */
  readonly #followed = new Set<string>()
  readonly #programs = new Map<string, AliasCommand>()
  readonly #recipients = new Set<string>()

  constructor(database: CdbFile, path: string) {
    this.#database = database
    this.#path = path
  }

  of(address: string): Handling | undefined {
    const target = targetsOf(address).find((one) => this.#find(commandsKey(one)) !== undefined)
    if (target === undefined) return undefined
    this.#followed.add(lowerCase(address)) // also where it is the host or the name that counts
    this.#follow(target)
    if (this.#programs.size + this.#recipients.size === 0) {
      throw new Trouble('4.3.0', `${this.#path}: ${target} leads to nobody but itself`)
    }
    const owner = this.#find(ownerKey(target))?.toString('latin1')
    return { owner, programs: [...this.#programs.values()], recipients: [...this.#recipients] }
  }

  #follow(target: string): void {
    this.#followed.add(lowerCase(target))
    const waiting = this.#commandsOf(target)?.reverse() ?? [] // the next one last: a chain may be longer than the stack
    for (let command = waiting.pop(); command !== undefined; command = waiting.pop()) {
      for (const each of this.#take(command).reverse()) waiting.push(each)
    }
  }

  /** @returns what the command leads to */
  #take(command: AliasCommand): AliasCommand[] {
    const { kind, text } = command
    if (kind === 'program' || kind === 'headed') this.#programs.set(`${kind} ${text}`, command)
    else if (kind === 'list') return this.#isNew(text) ? readList(text) : []
    else if (this.#isNew(lowerCase(text))) {
      // a target with an owner is sent to, so that it sends on in that name
      const commands = this.#find(ownerKey(text)) === undefined ? this.#commandsOf(text) : undefined
      if (commands !== undefined) return commands
      this.#recipients.add(text)
    }
    return []
  }

  #isNew(name: string): boolean {
    const isNew = !this.#followed.has(name)
    this.#followed.add(name)
    return isNew
  }

  #commandsOf(target: string): AliasCommand[] | undefined {
    const data = this.#find(commandsKey(target))
    try {
      return data === undefined ? undefined : decodeCommands(data)
    } catch (cause) {
      throw this.#damaged(cause)
    }
  }

  #find(key: Buffer): Buffer | undefined {
    try {
      return this.#database.find(key)
    } catch (cause) {
      throw this.#damaged(cause)
    }
  }

  #damaged(cause: unknown): Trouble {
    return new Trouble('4.3.0', `unable to read ${this.#path}: ${errorText(cause)}`, { cause })
  }
}
