/**
 * One certificate with its key, in a directory of its own, as it could be read last.
 *
 * A file that is torn, or does not go with its key, changes nothing: the last good one stays. One that is gone takes
 * the certificate with it.
 */
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { Seldom } from '@yabumi/logline'
import { errorText } from '@yabumi/trouble'
import { readCredential } from './pem.ts'
import { readSecureFile, type SecureFile, stampOf } from './securefile.ts'

/** Where it lies. */
export interface Place {
  /** May be a link. */
  readonly top: string
  /** Below that, with a slash at its end; empty for the top itself. */
  readonly directory: string
  /** Whose files count, besides root's. */
  readonly owners: ReadonlySet<number>
}

const certificateFile = 'servercert.pem'
const keyFile = 'serverkey.pem'
const hour = 3_600_000
const day = 24 * hour

/** Names one of the two files for the log. */
class FileTrouble extends Error {
  constructor(path: string, cause: unknown) {
    super(`${path}: ${errorText(cause)}`, { cause })
  }
}

export class Certificate {
  readonly #place: Place
  readonly #log: (line: string) => void
  #hourly: Seldom
  readonly #daily: Seldom
  #stamp: string | undefined
  #trouble: string | undefined
  #openFiles: string[] = []
  #known: { readonly options: string; readonly context: SecureContext; readonly expires: number } | undefined

  constructor(place: Place, log: (line: string) => void) {
    this.#place = place
    this.#log = log
    this.#hourly = new Seldom(log, hour)
    this.#daily = new Seldom(log, day)
  }

  /** Undefined if there is none. */
  get context(): SecureContext | undefined {
    return this.#known?.context
  }

  /** Look whether it has changed, and say what is wrong with it. @param options - of the context */
  reread(options: SecureContextOptions): void {
    const paths = [certificateFile, keyFile].map((name) => this.#path(name))
    const stamp = paths.map(stampOf).join('\n')
    const text = JSON.stringify(options, (_name, value: unknown) => (Buffer.isBuffer(value) ? value.toString('hex') : value))
    if (stamp !== this.#stamp || text !== this.#known?.options) {
      this.#stamp = stamp
      this.#trouble = undefined
      try {
        this.#read(options, text)
        this.#hourly = new Seldom(this.#log, hour) // what was wrong is right, and would be news again
      } catch (error) {
        this.#trouble = errorText(error)
      }
    }
    this.#complain()
  }

  #read(options: SecureContextOptions, text: string): void {
    const certificate = this.#readFile(certificateFile)
    if (certificate === undefined) {
      this.#known = undefined
      this.#openFiles = []
      return
    }
    const apart = this.#readFile(keyFile)
    this.#openFiles = []
    try {
      const { key, chain, expires } = readCredential(certificate.text, apart?.text)
      this.#known = { options: text, context: createSecureContext({ ...options, key, cert: chain }), expires }
    } catch (error) {
      throw new FileTrouble(this.#path(certificateFile), error)
    }
    const holdsKey = ([, file]: readonly [string, SecureFile | undefined]): boolean =>
      file?.isOpen === true && /PRIVATE KEY-/.test(file.text)
    const files = [[certificateFile, certificate] as const, [keyFile, apart] as const]
    this.#openFiles = files.filter(holdsKey).map(([name]) => this.#path(name))
  }

  #readFile(name: string): SecureFile | undefined {
    const { top, directory, owners } = this.#place
    try {
      return readSecureFile(top, `${directory}${name}`, owners)
    } catch (error) {
      throw new FileTrouble(this.#path(name), error)
    }
  }

  #path(name: string): string {
    return `${this.#place.top}/${this.#place.directory}${name}`
  }

  #complain(): void {
    const expires = this.#known === undefined ? undefined : new Date(this.#known.expires)
    const date = expires?.toISOString().slice(0, 10)
    if (this.#trouble !== undefined) {
      const kept = date === undefined ? '' : `, keeping the one that expires ${date}`
      this.#hourly.say(this.#trouble, `${this.#trouble}${kept}`)
    }
    if (expires !== undefined && expires.getTime() < Date.now())
      this.#daily.say('expired', `${this.#path(certificateFile)}: it has expired on ${date}`)
    for (const path of this.#openFiles) this.#daily.say(path, `${path}: everybody on this host may read the key; chmod o-r it`)
  }
}
