/** Another host's SMTP server, whose every word a test decides; keeps what each connection sent it. */
import { createServer, type Socket } from 'node:net'

/** One connection as the session sees it. */
export class HostConnection {
  /** Everything that came over this connection. */
  wire = ''
  #read = 0
  #ended = false
  #waiting: (() => void)[] = []
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    const wake = (): void => {
      for (const resolve of this.#waiting.splice(0)) resolve()
    }
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.wire += text
      wake()
    })
    const end = (): void => {
      this.#ended = true
      wake()
    }
    socket.on('end', end).on('close', end).on('error', end)
  }

  /** Write as it is; a reply needs its own CRLF. */
  say(text: string | Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(text)
  }

  /** The next line without CRLF; the empty string once the client has closed. */
  async line(): Promise<string> {
    return (await this.#until('\r\n')) ?? ''
  }

  /** Everything up to the lone dot. */
  async data(): Promise<string> {
    if (this.wire.startsWith('.\r\n', this.#read)) return (await this.#until('.\r\n')) ?? ''
    return (await this.#until('\r\n.\r\n')) ?? ''
  }

  /** Resolves when the client has closed. */
  async closed(): Promise<void> {
    this.#socket.resume()
    while (!this.#ended) await this.#more()
  }

  /** Read nothing more, until closed() is waited for. */
  pause(): void {
    this.#socket.pause()
  }

  close(): void {
    this.#socket.end()
  }

  reset(): void {
    this.#socket.resetAndDestroy()
  }

  async #until(end: string): Promise<string | undefined> {
    let from = this.#read
    for (;;) {
      const at = this.wire.indexOf(end, from)
      if (at >= 0) {
        const text = this.wire.slice(this.#read, at)
        this.#read = at + end.length
        return text
      }
      if (this.#ended) return undefined
      from = Math.max(this.#read, this.wire.length - end.length)
      await this.#more()
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }
}

export interface Host {
  readonly port: number
  /** In the order in which they were made. */
  readonly connections: readonly HostConnection[]
  /** How many are open now, and the most that were at once. */
  readonly open: { readonly now: number; readonly most: number }
  close(): Promise<void>
}

/** What a host does with a connection; it is closed when this is done. */
export type Session = (connection: HostConnection, index: number) => Promise<unknown>

export async function startHost(session: Session, address = '127.0.0.1', wantedPort = 0): Promise<Host> {
  const connections: HostConnection[] = []
  const sockets = new Set<Socket>()
  const open = { now: 0, most: 0 }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    open.now += 1
    open.most = Math.max(open.most, open.now)
    socket.on('close', () => {
      sockets.delete(socket)
      open.now -= 1
    })
    const connection = new HostConnection(socket)
    connections.push(connection)
    void session(connection, connections.length - 1).finally(() => socket.end())
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(wantedPort, address, resolve))
  const { port } = server.address() as { port: number }
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port, connections, open, close }
}

/** A host with manners: takes everything until QUIT, but what `reply` answers otherwise. */
export function manners(
  reply: (line: string, connection: HostConnection) => string | undefined | Promise<string | undefined> = () => undefined,
): Session {
  return async (connection) => {
    connection.say('220 host.example ESMTP\r\n')
    for (let line = await connection.line(); line !== ''; line = await connection.line()) {
      const other = await reply(line, connection)
      if (line === 'DATA' && other === undefined) {
        connection.say('354 go ahead\r\n')
        await connection.data()
        connection.say(`${(await reply('.', connection)) ?? '250 ok'}\r\n`)
      } else connection.say(`${other ?? (line === 'QUIT' ? '221 bye' : '250 ok')}\r\n`)
      if (line === 'QUIT') return
    }
  }
}
