/** An IMAP client for tests: a command at a time, and its answers whole, with their literals. */
import { connect, type Socket } from 'node:net'
import { imapWords, type Words } from './imapwords.ts'

export interface Answer {
  /** `OK`, `NO` or `BAD`; empty if the server hung up before it said so. */
  readonly status: string
  /** What stood behind the status. */
  readonly text: string
  /** Untagged answers without `* ` and their line end; literals as they came. */
  readonly untagged: readonly string[]
}

/** What FETCH told of one message: items in upper case, in their order. */
export type Fetched = ReadonlyMap<string, Words>

export class ImapClient {
  readonly #socket: Socket
  #heard: Buffer[] = []
  #rest = Buffer.alloc(0)
  #wake: () => void = () => undefined
  #ended = false
  #last = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => {
      this.#heard.push(bytes)
      this.#wake()
    })
    const end = (): void => {
      this.#ended = true
      this.#wake()
    }
    socket.on('end', end).on('error', end).on('close', end)
  }

  /** Connect, and hear the greeting. */
  static async open(port: number): Promise<ImapClient> {
    const socket = connect({ port, host: '127.0.0.1' })
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    const client = new ImapClient(socket)
    await client.#line()
    return client
  }

  /** The server has hung up. */
  get isOver(): boolean {
    return this.#ended
  }

  /** Carry out a command, whatever becomes of it. @param text - without tag and line end; literals do not wait (LITERAL+) */
  async say(text: string): Promise<Answer> {
    this.#last += 1
    const tag = `t${this.#last}`
    this.#socket.write(`${tag} ${text}\r\n`, 'latin1')
    const untagged: string[] = []
    for (;;) {
      const line = await this.#line()
      if (line === undefined) return { status: '', text: '', untagged }
      if (line.startsWith('* ')) untagged.push(line.slice(2))
      else if (line.startsWith(`${tag} `)) {
        const [, status = '', said = ''] = /^\S+ (\S+) ?(.*)$/s.exec(line) ?? []
        return { status: status.toUpperCase(), text: said, untagged }
      }
    }
  }

  /** Carry out a command that must succeed. @throws Error - it did not */
  async must(text: string): Promise<Answer> {
    const answer = await this.say(text)
    if (answer.status !== 'OK')
      throw new Error(`${text.slice(0, 60)}: ${answer.status || 'hung up'} ${answer.text} ${answer.untagged.join('; ')}`)
    return answer
  }

  /** Add a message. @param flags - with blanks between. @returns its UID */
  async append(mailbox: string, message: string, flags = ''): Promise<number> {
    const { text } = await this.must(`APPEND ${mailbox} (${flags}) {${Buffer.byteLength(message, 'latin1')}+}\r\n${message}`)
    return Number(/APPENDUID \d+ (\d+)/.exec(text)?.[1])
  }

  /** FETCH, or UID FETCH. @returns a map of items for each answer */
  async fetch(command: string): Promise<Fetched[]> {
    const { untagged } = await this.must(command)
    return untagged.flatMap((line) => {
      const [, what, items] = imapWords(line)
      if (what !== 'FETCH' || !Array.isArray(items)) return []
      const pairs = items.flatMap((item, at): [string, Words][] => (at % 2 === 0 ? [[String(item), items[at + 1] as Words]] : []))
      return [new Map(pairs)]
    })
  }

  /** UIDs that a search finds. */
  async search(criteria: string): Promise<number[]> {
    const { untagged } = await this.must(`UID SEARCH ${criteria}`)
    const line = untagged.find((each) => each.startsWith('SEARCH'))
    return (line ?? '').split(' ').slice(1).filter(Boolean).map(Number)
  }

  /** Bytes as they are. */
  write(bytes: string | Buffer): void {
    this.#socket.write(bytes)
  }

  close(): void {
    this.#socket.destroy()
  }

  /** The next answer without its line end, with its literals; undefined when the server has hung up. */
  async #line(): Promise<string | undefined> {
    let from = 0
    for (;;) {
      const end = this.#rest.indexOf('\r\n', from)
      if (end === -1) {
        if (!(await this.#more())) return undefined
        continue
      }
      const literal = /\{(\d+)\}$/.exec(this.#rest.toString('latin1', Math.max(from, end - 24), end))
      if (literal === null) {
        const line = this.#rest.toString('latin1', 0, end)
        this.#rest = this.#rest.subarray(end + 2)
        return line
      }
      from = end + 2 + Number(literal[1])
      while (this.#rest.length < from) if (!(await this.#more())) return undefined
    }
  }

  /** @returns whether there is more */
  async #more(): Promise<boolean> {
    while (this.#heard.length === 0) {
      if (this.#ended) return false
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#rest = Buffer.concat([this.#rest, ...this.#heard.splice(0)])
    return true
  }
}
