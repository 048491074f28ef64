/** One side of a protocol of lines over TLS, as a mail reader speaks it: enough for the proof. */
import { connect, type TLSSocket } from 'node:tls'
import { Trouble } from '@yabumi/trouble'

const silenceMilliseconds = 30_000

export class Conversation {
  readonly #socket: TLSSocket
  #input = ''
  #ended: Error | undefined
  #wake: () => void = () => undefined

  private constructor(socket: TLSSocket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.setTimeout(silenceMilliseconds, () => socket.destroy(new Error('no answer')))
    socket.on('data', (piece: string) => {
      this.#input += piece
      this.#wake()
    })
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () => this.#end(new Error('the connection was closed')))
  }

  /** Connect to a port of loopback where TLS begins at once. The certificate is the home's own, and its name is not the address's. */
  static open(port: number): Conversation {
    return new Conversation(connect({ host: '127.0.0.1', port, rejectUnauthorized: false }))
  }

  /**
   * Send a line, if there is one, and wait for a reply.
   *
   * @param reply - a good reply, whole
   * @param bad - the beginning of a bad one
   * @throws Trouble 4.4.2 with the bad one, or with why nothing comes
   */
  async say(line: string | undefined, reply: RegExp, bad: RegExp): Promise<string> {
    if (line !== undefined) this.#socket.write(`${line}\r\n`, 'latin1')
    for (;;) {
      const found = reply.exec(this.#input)
      if (found !== null) {
        this.#input = this.#input.slice(found.index + found[0].length)
        return found[0]
      }
      if (bad.test(this.#input) || this.#ended !== undefined) {
        const heard = this.#input.split('\r\n', 1)[0] || this.#ended?.message
        throw new Trouble('4.4.2', `${line?.split(' ', 1)[0] ?? 'greeting'}: ${heard}`)
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  close(): void {
    this.#socket.destroy()
  }

  #end(error: Error): void {
    this.#ended ??= error
    this.#wake()
  }
}
