/**
 * TLS of one server: whether it can be had, and its beginning on a connection.
 *
 * Reload  the files are looked at each 30 s and by reread(); sessions under way keep the certificate that they began
 *         with
 * Bound   a handshake has 30 s; one client's network has so many a minute (control/tlsrateperip)
 * Memory  tickets are sealed with a key that is made anew every half of control/tlstickets, and is never written
 */
import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { tlsHandshakeSeconds, tlsRereadSeconds } from '@yabumi/limits'
import { errorText } from '@yabumi/trouble'
import { Certificates } from './certificates.ts'
import { ClientAuthority } from './clientauthority.ts'
import { factsOf, type TlsFacts } from './facts.ts'
import { HandshakeRate } from './rate.ts'
import { TlsSettings } from './settings.ts'

/** TLS that has been begun. */
export interface Beginning {
  /** What is read from it and written to it is in clear. Its end, and errors after the handshake, are its owner's. */
  readonly socket: TLSSocket
  /** Once the handshake is over: what was agreed on, or in words why nothing was. Never rejects. */
  readonly outcome: Promise<TlsFacts | string>
}

const ticketKeyBytes = 48
const hour = 3_600_000

export class ServerTls {
  readonly #log: (line: string) => void
  readonly #settings: TlsSettings
  readonly #certificates: Certificates
  readonly #authority: ClientAuthority | undefined
  readonly #rate = new HandshakeRate()
  #ticketKeys = randomBytes(ticketKeyBytes)
  #ticketsSince = performance.now()

  /**
   * The working directory is the home.
   *
   * @param environment - TLSCIPHERS counts
   * @param log - gets lines without a program's name
   * @param asksClients - whether clients are asked for certificates, where control/clientca.pem is
   */
  constructor(environment: ReadonlyMap<string, string>, log: (line: string) => void, asksClients: boolean = false) {
    this.#log = log
    this.#settings = new TlsSettings(environment.get('TLSCIPHERS'), log)
    this.#certificates = new Certificates(log)
    this.#authority = asksClients ? new ClientAuthority(log) : undefined
    this.reread()
  }

  /** Whether there is a certificate. */
  get isAvailable(): boolean {
    return this.#certificates.usual !== undefined
  }

  /** Look at everything anew. What cannot be read stays as it was. */
  reread(): void {
    const { ticketHours } = this.#settings
    if (performance.now() - this.#ticketsSince > (ticketHours * hour) / 2) {
      this.#ticketKeys = randomBytes(ticketKeyBytes)
      this.#ticketsSince = performance.now()
    }
    try {
      this.#settings.reread()
      this.#authority?.reread(new Set([statSync('control').uid]))
      const asks = this.#authority?.asks ?? false
      // a session that is taken up again brings a certificate that may have been revoked since
      const options = { ...this.#settings.options(!asks), ...this.#authority?.options, ticketKeys: this.#ticketKeys }
      this.#certificates.reread(options)
    } catch (error) {
      this.#log(errorText(error))
    }
  }

  /** From now on, look by itself; keeps no program running. */
  watch(): void {
    setInterval(() => this.reread(), tlsRereadSeconds * 1_000).unref()
  }

  /** Count a handshake of a client. @returns whether it may have one now */
  admits(address: string): boolean {
    return this.#rate.admits(address, this.#settings.handshakesPerMinute)
  }

  /**
   * Begin TLS on a connection, as its server.
   *
   * @param stream - nobody else may read from it any more
   * @param seconds - the handshake may take so long, if that is less than usual
   */
  begin(stream: Duplex, seconds: number = tlsHandshakeSeconds): Beginning {
    const certificates = this.#certificates
    const socket = new TLSSocket(stream, {
      isServer: true,
      requestCert: this.#authority?.asks ?? false,
      rejectUnauthorized: false, // without a good one a client is as good as all others
      ...(certificates.usual === undefined ? {} : { secureContext: certificates.usual }),
      SNICallback: (name, done) => done(null, certificates.of(name)),
    })
    return { socket, outcome: handshake(socket, Math.min(seconds, tlsHandshakeSeconds)) }
  }
}

function handshake(socket: TLSSocket, seconds: number): Promise<TlsFacts | string> {
  return new Promise((resolve) => {
    const fail = (reason: string): void => {
      resolve(reason)
      socket.destroy()
    }
    const failed = (error: Error): void => fail(reasonOf(error))
    const patience = setTimeout(() => fail(`not done within ${seconds} seconds`), seconds * 1_000)
    const left = (): void => fail('the client left')
    socket.once('secure', () => {
      clearTimeout(patience)
      socket.off('_tlsError', failed).off('error', failed).off('end', left).off('close', left)
      // Node would leave it open, and read nothing any more: not even that the client has gone
      socket.once('_tlsError', (error: Error) => socket.destroy(error))
      resolve(factsOf(socket))
    })
    // node:tls tells what goes wrong in a handshake by this event, for the server that usually stands behind it
    socket.once('_tlsError', failed).once('error', failed).once('end', left).once('close', left)
    socket.once('close', () => clearTimeout(patience))
  })
}

function reasonOf(error: Error): string {
  const { reason } = error as Error & { reason?: unknown }
  return typeof reason === 'string' ? reason : errorText(error)
}
