/** An SMTP client that does what a test says, and a resident smtpd for it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import type { Test } from 'tap'
import { smtpd } from './home.ts'

export class Client {
  socket: Socket
  readonly #events = new EventEmitter()
  #heard = ''
  #taken = 0
  #closed = false

  constructor(t: Test, port: number, host = '127.0.0.1', localAddress?: string) {
    this.socket = connect({ port, host, noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) })
    t.teardown(() => this.socket.destroy())
    this.#listen(this.socket)
  }

  /** Begin TLS on the connection. @returns what it has become, once the handshake is over. Rejects where none is made */
  async secure(options: ConnectionOptions = {}): Promise<TLSSocket> {
    const clear = this.socket.removeAllListeners('data').removeAllListeners('close')
    const secure = connectTls({ socket: clear, rejectUnauthorized: false, ...options })
    this.socket = secure
    this.#listen(secure)
    await new Promise((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject).once('close', reject))
    return secure
  }

  #listen(socket: Socket): void {
    socket.on('data', (bytes: Buffer) => {
      this.#heard += bytes.toString('latin1')
      this.#events.emit('heard')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#closed = true
      this.#events.emit('heard')
    })
  }

  /** Everything the server has said. */
  get heard(): string {
    return this.#heard
  }

  send(text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** The next whole replies, or what there is if the server closes. */
  async replies(count = 1): Promise<string> {
    for (;;) {
      const rest = this.#heard.slice(this.#taken)
      const found = [...rest.matchAll(/^[0-9]{3} [^\n]*\n/gm)][count - 1]
      if (found !== undefined || this.#closed) {
        const end = found === undefined ? rest.length : found.index + found[0].length
        this.#taken += end
        return rest.slice(0, end)
      }
      await once(this.#events, 'heard')
    }
  }

  /** Send, and hear the replies to it. */
  async ask(text: string, count = 1): Promise<string> {
    this.send(text)
    return await this.replies(count)
  }

  /** What the server says until it closes. */
  async ending(): Promise<string> {
    while (!this.#closed) await once(this.#events, 'heard')
    return this.#heard.slice(this.#taken)
  }
}

/** What has an environment for the programs of a home. */
export interface AnyHome {
  environment(more?: Record<string, string>): Record<string, string>
}

/** Whether this host has [::1]; some containers do not. */
export const hasIPv6: boolean = networkInterfaces()['lo']?.some(({ address }) => address === '::1') ?? false

/** `bin/smtpd --listen` on a free port of each loopback address. */
export class Resident {
  readonly process: ChildProcess
  readonly #t: Test
  #log = ''

  constructor(
    t: Test,
    home: AnyHome,
    args: readonly string[] = ['--no-ptr'],
    environment: Record<string, string> = {},
    openFiles?: number,
  ) {
    this.#t = t
    const listen = hasIPv6 ? ['--listen', '127.0.0.1:0', '--listen', '[::1]:0'] : ['--listen', '127.0.0.1:0']
    const limit = openFiles === undefined ? '' : `ulimit -n ${openFiles}; `
    this.process = spawn('/bin/sh', ['-c', `${limit}exec "$0" "$@"`, smtpd, ...listen, '--ready-fd', '3', ...args], {
      env: home.environment(environment),
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    })
    this.process.stderr?.on('data', (bytes: Buffer) => {
      this.#log += bytes.toString('latin1')
      this.process.emit('logged')
    })
    t.teardown(async () => {
      if (this.process.exitCode !== null || this.process.signalCode !== null) return
      this.process.kill('SIGKILL')
      await once(this.process, 'exit')
    })
  }

  get log(): string {
    return this.#log
  }

  /** Resolves when it has said that it is ready. @returns the port of 127.0.0.1 */
  async ready(): Promise<number> {
    const pipe = this.process.stdio[3]
    if (pipe !== null && pipe !== undefined) await once(pipe as Socket, 'data')
    await this.logs(hasIPv6 ? 'listening on [::1]:' : 'listening on 127.0.0.1:')
    return this.port('127.0.0.1')
  }

  port(address: string): number {
    const at = this.#log.indexOf(`listening on ${address}:`)
    return Number(this.#log.slice(at).match(/:([0-9]+)\n/)?.[1])
  }

  /** Resolves when the log says this. */
  async logs(text: string): Promise<void> {
    while (!this.#log.includes(text)) await once(this.process, 'logged')
  }

  client(port: number, host?: string): Client {
    return new Client(this.#t, port, host)
  }

  /** Send a signal. @returns the exit code */
  async ends(signal: NodeJS.Signals): Promise<number | null> {
    const exit = once(this.process, 'exit')
    this.process.kill(signal)
    const [code] = (await exit) as [number | null]
    return code
  }
}
