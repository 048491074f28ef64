/** What the operator says of TLS in servers, beside the certificates (spec §16.2). */
import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import { LastGood, readLine } from '@yabumi/control'
import { tlsHandshakesPerMinute, tlsTicketHours } from '@yabumi/limits'
import { Seldom } from '@yabumi/logline'

/** Without those whose key exchange keeps no secret once the key is known, and those with SHA-1. TLS 1.3 has its own three. */
const usualCiphers = 'DEFAULT:!kRSA:!aNULL:!PSK:!SRP:!SHA1'
const newestCiphers = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256'
const mostHours = 168 // seven days, the most that TLS 1.3 allows a ticket (RFC 8446 §4.6.1)
const mostHandshakes = 999_999
const hour = 3_600_000

export class TlsSettings {
  readonly #ciphersOfCaller: string | undefined
  readonly #hours: LastGood
  readonly #handshakes: LastGood
  readonly #hourly: Seldom
  /** Until it has been read: what lets nobody in who should stay out. */
  #minimum: '1.2' | '1.3' = '1.3'
  #ciphers = ''
  ticketHours = 0
  handshakesPerMinute = 0

  /** @param ciphersOfCaller - in place of control/tlsserverciphers. @param log - gets lines without a program's name */
  constructor(ciphersOfCaller: string | undefined, log: (line: string) => void) {
    this.#ciphersOfCaller = ciphersOfCaller
    this.#hours = new LastGood('tlstickets', { otherwise: tlsTicketHours, largest: mostHours }, log)
    this.#hourly = new Seldom(log, hour)
    this.#handshakes = new LastGood('tlsrateperip', { otherwise: tlsHandshakesPerMinute, largest: mostHandshakes }, log)
  }

  /** @throws Trouble 4.3.0 for a file that cannot be read */
  reread(): void {
    this.ticketHours = this.#hours.value
    this.handshakesPerMinute = this.#handshakes.value
    const minimum = readLine('tlsminversion') ?? '1.2'
    if (minimum === '1.2' || minimum === '1.3') this.#minimum = minimum
    else this.#hourly.say(minimum, `control/tlsminversion:1: is neither 1.2 nor 1.3; TLS ${this.#minimum} still counts as the oldest`)
    this.#ciphers = (this.#ciphersOfCaller ?? readLine('tlsserverciphers')) || usualCiphers
  }

  /**
   * For a context, beside its certificate. A client cannot begin anew in a connection, nor offer data before the handshake is over.
   *
   * @param takenUpAgain - whether sessions may be, where control/tlstickets allows it
   */
  options(takenUpAgain: boolean): SecureContextOptions {
    const tickets = takenUpAgain && this.ticketHours > 0
    return {
      ciphers: `${newestCiphers}:${this.#ciphers}`,
      minVersion: `TLSv${this.#minimum}`,
      honorCipherOrder: true,
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (tickets ? 0 : constants.SSL_OP_NO_TICKET),
      sessionIdContext: 'yabumi',
      ...(!tickets ? {} : { sessionTimeout: this.ticketHours * 3_600 }),
    }
  }
}
