/**
 * TLS for the connection on descriptors 0 and 1, where that is one socket: at once, as POP3S says, or after STLS.
 *
 * Certificates are those of the home, read as whoever started us. What serves the client gets one end of a socket pair:
 * this process stays, and passes on what comes.
 */
import { once } from 'node:events'
import { existsSync, fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import { homeDirectory } from '@yabumi/home'
import type { ClientLog, TlsTerms } from '@yabumi/loginclient'
import type { Connection } from '@yabumi/loginfront'
import { copyDescriptor } from '@yabumi/posix'
import type { ServerTls } from '@yabumi/tlsfiles'

/** Where certificates are; without any, nothing is loaded for them. */
const certificates = ['control/servercert.pem', 'control/servercerts', 'state/acme']

export class OneShotTls {
  readonly #tls: ServerTls | undefined
  /** Whether TLS begins before anything is said. */
  readonly isAtOnce: boolean
  /** What a client in clear is offered. */
  readonly terms: TlsTerms

  private constructor(tls: ServerTls | undefined, isAtOnce: boolean, isSpoken: boolean) {
    this.#tls = tls
    this.isAtOnce = isAtOnce
    this.terms = isSpoken ? 'on' : tls?.isAvailable ? { mayBegin: () => true } : 'none'
  }

  /**
   * Read the certificates.
   *
   * @param environment - POP3S: at once; SSL_PROTOCOL: sslserver speaks TLS for us; DISABLETLS: none is offered
   * @param mayOffer - whether STLS is among what is spoken here
   */
  static async open(environment: ReadonlyMap<string, string>, mayOffer: boolean, log: (line: string) => void): Promise<OneShotTls> {
    const isAtOnce = Boolean(environment.get('POP3S'))
    const isSpoken = !isAtOnce && Boolean(environment.get('SSL_PROTOCOL'))
    const isWanted = isAtOnce || (mayOffer && !isSpoken && (environment.get('DISABLETLS') || '0') === '0' && fstatSync(0).isSocket())
    const home = homeDirectory()
    if (!isWanted || !certificates.some((path) => existsSync(`${home}/${path}`))) return new OneShotTls(undefined, isAtOnce, isSpoken)
    const { ServerTls } = await import('@yabumi/tlsfiles')
    const here = process.cwd() // the subprogram's relative name is one of this directory
    process.chdir(home)
    try {
      return new OneShotTls(new ServerTls(environment, log), isAtOnce, isSpoken)
    } finally {
      process.chdir(here)
    }
  }

  /**
   * Begin. Nobody else may read from descriptor 0 any more.
   *
   * @returns the client's connection, and `gone`, which is over when all that was said has been sent; undefined if there is no TLS
   */
  async begin(door: ClientLog | undefined): Promise<{ connection: Connection; gone: Promise<unknown> } | undefined> {
    if (this.#tls === undefined) return undefined
    const { underTls } = await import('@yabumi/loginfront')
    const socket = new Socket({ fd: copyDescriptor(0), readable: true, writable: true, allowHalfOpen: true })
    socket.on('error', () => socket.destroy())
    const gone = once(socket, 'close').catch(() => undefined)
    const begun = await underTls(socket, this.#tls)
    if (typeof begun === 'string') {
      door?.denied(`the TLS handshake failed: ${begun}`)
      return undefined
    }
    door?.secured(begun.facts)
    return { connection: begun.connection, gone }
  }
}
