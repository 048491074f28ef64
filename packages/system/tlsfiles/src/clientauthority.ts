/**
 * Who vouches for clients: control/clientca.pem, and control/clientcrl.pem with those that count no more.
 *
 * A file that cannot be read or is torn changes nothing. Where one is so from the start, no certificate counts.
 */
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { Seldom } from '@yabumi/logline'
import { errorText } from '@yabumi/trouble'
import { readCertificates } from './pem.ts'
import { readSecureFile, stampOf } from './securefile.ts'

const authorityFile = 'clientca.pem'
const revokedFile = 'clientcrl.pem'
const hour = 3_600_000

export class ClientAuthority {
  readonly #log: (line: string) => void
  #hourly: Seldom
  #stamp: string | undefined
  #trouble: string | undefined
  #known: Pick<SecureContextOptions, 'ca' | 'crl'> = {}

  /** @param log - gets lines without a program's name */
  constructor(log: (line: string) => void) {
    this.#log = log
    this.#hourly = new Seldom(log, hour)
  }

  /** Whether clients are asked for certificates. */
  get asks(): boolean {
    return this.#known.ca !== undefined
  }

  /** For a context. */
  get options(): Pick<SecureContextOptions, 'ca' | 'crl'> {
    return this.#known
  }

  /** Look whether a file has changed. @param owners - whose files count, besides root's */
  reread(owners: ReadonlySet<number>): void {
    const stamp = [authorityFile, revokedFile].map((name) => stampOf(`control/${name}`)).join('\n')
    if (stamp !== this.#stamp) {
      this.#stamp = stamp
      this.#trouble = undefined
      try {
        this.#known = read(owners)
        this.#hourly = new Seldom(this.#log, hour) // what was wrong is right, and would be news again
      } catch (error) {
        this.#trouble = errorText(error)
      }
    }
    if (this.#trouble !== undefined) this.#hourly.say(this.#trouble, `${this.#trouble}; what was read before counts`)
  }
}

/** @throws Error that names the file */
function read(owners: ReadonlySet<number>): Pick<SecureContextOptions, 'ca' | 'crl'> {
  const authority = readNamed(authorityFile, owners, (text) => readCertificates(text).map(String).join(''))
  if (authority === undefined) return {}
  const revoked = readNamed(revokedFile, owners, (text) => {
    createSecureContext({ crl: text })
    return text
  })
  return { ca: authority, ...(revoked === undefined ? {} : { crl: revoked }) }
}

function readNamed(name: string, owners: ReadonlySet<number>, take: (text: string) => string): string | undefined {
  try {
    const file = readSecureFile('control', name, owners)
    return file && take(file.text)
  } catch (cause) {
    throw new Error(`control/${name}: ${errorText(cause)}`, { cause })
  }
}
