/**
 * The POP3 dialogue after login (RFC 1939, spec §6.3), over any maildrop.
 *
 * Nothing in the mailbox changes before QUIT; a session that ends in another way has changed nothing.
 */

import { capabilities, parseCommand, refusal } from '@yabumi/pop3'
import type { Connection } from './connection.ts'
import { burstBytes } from './connection.ts'
import { Encoder, endBytes, growth } from './encoder.ts'
import type { Content, Maildrop, Message } from './maildrop.ts'
import { numberAt } from './number.ts'

const unimplemented = '-ERR unimplemented'

const chunk = Buffer.allocUnsafeSlow(Math.floor((burstBytes - endBytes) / growth / 4096) * 4096)

/** Answer commands until QUIT or the end of the input. @param isExtended - whether the client is told more than qmail's */
export async function serve(connection: Connection, maildrop: Maildrop, isExtended: boolean): Promise<void> {
  await new Session(connection, maildrop, isExtended).run()
}

class Session {
  readonly #connection: Connection
  readonly #maildrop: Maildrop
  readonly #isExtended: boolean
  readonly #deleted = new Set<number>()
  #last = 0
  #over = false

  constructor(connection: Connection, maildrop: Maildrop, isExtended: boolean) {
    this.#connection = connection
    this.#maildrop = maildrop
    this.#isExtended = isExtended
  }

  async run(): Promise<void> {
    this.#ok()
    while (!this.#over) {
      const line = await this.#connection.nextLine()
      if (line === undefined) return
      await this.#obey(line)
      await this.#connection.drain()
    }
    await this.#connection.flush()
  }

  #obey(line: string): void | Promise<void> {
    const { verb, argument } = parseCommand(line)
    switch (verb) {
      case 'stat':
        return this.#stat()
      case 'list':
        return this.#tell(argument, (message) => message.size)
      case 'uidl':
        return this.#tell(argument, (message) => message.uid)
      case 'retr':
      case 'top':
        return this.#retrieve(argument)
      case 'dele':
        return this.#delete(argument)
      case 'last':
        return this.#reply(`+OK ${this.#last}`)
      case 'rset':
        return this.#reset()
      case 'noop':
        return this.#ok()
      case 'quit':
        return this.#quit()
      case 'capa':
        return this.#reply(this.#isExtended ? capabilities() : unimplemented)
      default:
        return this.#reply(unimplemented)
    }
  }

  #stat(): void {
    let total = 0
    for (const [index, { size }] of this.#maildrop.messages.entries()) if (!this.#deleted.has(index)) total += size
    this.#reply(`+OK ${this.#maildrop.messages.length} ${total}`)
  }

  async #tell(argument: string, value: (message: Message) => number | string): Promise<void> {
    const { messages } = this.#maildrop
    if (argument !== '') {
      const index = this.#indexIn(argument)
      if (index !== undefined) this.#reply(`+OK ${index + 1} ${value(messages[index] as Message)}`)
      return
    }
    this.#ok()
    for (const [index, message] of messages.entries()) {
      if (this.#deleted.has(index)) continue
      this.#reply(`${index + 1} ${value(message)}`)
      await this.#connection.drain()
    }
    this.#reply('.')
  }

  /** RETR and TOP are one: a second number limits the lines of the body (spec §6.3). */
  async #retrieve(argument: string): Promise<void> {
    const index = this.#indexIn(argument)
    if (index === undefined) return
    const content = await this.#open(index)
    if (content === undefined) return this.#reply('-ERR unable to open that message')
    const encoder = new Encoder(numberAt(argument.replace(/^[0-9]+ */, '')) ?? Number.POSITIVE_INFINITY)
    this.#ok()
    while (!encoder.full) {
      const length = await content.read(chunk)
      this.#connection.fill((buffer, at) => encoder.encode(chunk, length, buffer, at))
      if (length < chunk.length) break
      await this.#connection.drain()
    }
    content.close()
    this.#connection.put(encoder.end())
  }

  async #open(index: number): Promise<Content | undefined> {
    try {
      return await this.#maildrop.open(index)
    } catch {
      return undefined
    }
  }

  #delete(argument: string): void {
    const index = this.#indexIn(argument)
    if (index === undefined) return
    this.#deleted.add(index)
    this.#last = Math.max(this.#last, index + 1)
    this.#ok()
  }

  #reset(): void {
    this.#deleted.clear()
    this.#last = 0
    this.#ok()
  }

  async #quit(): Promise<void> {
    this.#over = true
    if (this.#deleted.size > 0) await this.#connection.flush() // a client that has gone may not have what it deletes
    if (!(await this.#maildrop.finish(this.#deleted))) {
      this.#reply(refusal('unable to unlink all deleted messages', 'SYS/TEMP', this.#isExtended))
      if (this.#isExtended) return // qmail's second reply would be one too many (RFC 1939 §6)
    }
    this.#ok()
  }

  /** The message that an argument starts with; if there is none, the client has been told why. */
  #indexIn(argument: string): number | undefined {
    const number = numberAt(argument)
    if (number === undefined) return this.#reply('-ERR syntax error')
    if (number === 0) return this.#reply('-ERR messages are counted from 1')
    if (number > this.#maildrop.messages.length) return this.#reply('-ERR not that many messages')
    if (this.#deleted.has(number - 1)) return this.#reply('-ERR already deleted')
    return number - 1
  }

  #ok(): void {
    this.#reply('+OK ')
  }

  #reply(text: string): undefined {
    this.#connection.put(`${text}\r\n`)
    return undefined
  }
}
