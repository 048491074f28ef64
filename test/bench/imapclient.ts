/** An IMAP client of the load: a command, and the answer to it as bytes that are counted and thrown away. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Where a server answers. */
export interface Doors {
  readonly port: number
  readonly tlsPort: number
}

const longestLine = 2_000 // of an answer to a command

export class ImapClient {
  readonly #socket: Socket
  #bytes = 0
  #end = ''
  #wake: () => void = () => undefined
  #count = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => {
      this.#bytes += bytes.length
      this.#end = (this.#end + bytes.toString('latin1', Math.max(0, bytes.length - longestLine))).slice(-longestLine)
      this.#wake()
    })
    for (const event of ['error', 'close']) socket.on(event, () => this.#wake())
  }

  static async logIn({ port, tlsPort }: Doors, isTls: boolean, user: string, password: string): Promise<ImapClient> {
    const socket = isTls ? connectTls({ port: tlsPort, host: '127.0.0.1', rejectUnauthorized: false }) : connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    const client = new ImapClient(socket)
    await once(socket, isTls ? 'secureConnect' : 'connect')
    await client.until('* ')
    await client.command(`LOGIN ${user} ${password}`)
    return client
  }

  /** @returns bytes of the answer. @throws if it is not OK */
  async command(text: string): Promise<number> {
    this.#count += 1
    const tag = `t${this.#count}`
    this.#socket.write(`${tag} ${text}\r\n`, 'latin1')
    const { bytes, last } = await this.until(`${tag} `)
    if (!last.startsWith(`${tag} OK`)) throw new Error(`${text.slice(0, 60)}: ${last}`)
    return bytes
  }

  /** Send a line to which no command belongs. */
  say(line: string): void {
    this.#socket.write(`${line}\r\n`, 'latin1')
  }

  /** Wait until the last line that has come begins so. */
  async until(start: string): Promise<{ bytes: number; last: string }> {
    for (;;) {
      const last = this.#end.slice(this.#end.lastIndexOf('\n', this.#end.length - 2) + 1)
      if (this.#end.endsWith('\r\n') && last.startsWith(start)) {
        const bytes = this.#bytes
        this.#bytes = 0
        this.#end = ''
        return { bytes, last }
      }
      if (this.#socket.destroyed || this.#socket.readableEnded) throw new Error(`the server hung up; its last words: ${last}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async logOut(): Promise<void> {
    await this.command('LOGOUT')
    this.#socket.destroy()
  }

  hangUp(): void {
    this.#socket.destroy()
  }
}
