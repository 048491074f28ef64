/**
 * All certificates of a home: which one a client gets.
 *
 * Order    a name's own before one for `*.` and the rest of it; control/ before what acme has got
 * Default  for a client that names nobody, or somebody unknown: that of control/me, else control/servercert.pem, else
 *          the first one by name
 */
import { readdirSync, statSync } from 'node:fs'
import type { SecureContext, SecureContextOptions } from 'node:tls'
import { readLine } from '@yabumi/control'
import { uidsOf } from '@yabumi/home'
import { certificateNames } from '@yabumi/limits'
import { errnoOf, errorText } from '@yabumi/trouble'
import { Certificate, type Place } from './certificate.ts'

const operators = 'control'
const named = 'servercerts'
const acmes = 'state/acme'

/** netqmail's files of parameters: today's groups are OpenSSL's own. */
const parameters = /^(?:dh|rsa)[0-9]+\.pem$/

export class Certificates {
  readonly #log: (line: string) => void
  /** By where they lie. */
  readonly #kept = new Map<string, Certificate>()
  #byName = new Map<string, SecureContext>()
  #usual: SecureContext | undefined

  /** @param log - gets lines without a program's name */
  constructor(log: (line: string) => void) {
    this.#log = log
    for (const name of namesIn(operators, log).filter((each) => parameters.test(each))) log(`${operators}/${name} is not used`)
  }

  /** For a client that names nobody; undefined if there is no certificate at all. */
  get usual(): SecureContext | undefined {
    return this.#usual
  }

  /** @param name - as the client has sent it */
  of(name: string): SecureContext | undefined {
    const lower = name.toLowerCase()
    return this.#byName.get(lower) ?? this.#byName.get(`*${lower.slice(Math.max(lower.indexOf('.'), 0))}`) ?? this.#usual
  }

  /** Look what has changed. @param options - of every context */
  reread(options: SecureContextOptions): void {
    const owners = new Set([statSync(operators).uid])
    const byName = new Map<string, SecureContext>()
    const seen = new Set<string>()
    const take = (place: Place, name: string): SecureContext | undefined => {
      const context = this.#contextAt(place, options)
      seen.add(keyOf(place))
      if (context !== undefined && name !== '') byName.set(name, context)
      return context
    }
    const fromAcme = new Set([...owners, ...uidsOf(['acme'])])
    for (const name of this.#namesIn(acmes)) take({ top: acmes, directory: `${name}/`, owners: fromAcme }, name.toLowerCase())
    for (const name of this.#namesIn(`${operators}/${named}`))
      take({ top: operators, directory: `${named}/${name}/`, owners }, name.toLowerCase())
    const plain = take({ top: operators, directory: '', owners }, '')
    for (const place of this.#kept.keys()) if (!seen.has(place)) this.#kept.delete(place)
    this.#byName = byName
    this.#usual = byName.get((readLine('me') ?? '').toLowerCase()) ?? plain ?? byName.get([...byName.keys()].sort()[0] ?? '')
  }

  #contextAt(place: Place, options: SecureContextOptions): SecureContext | undefined {
    const key = keyOf(place)
    const certificate = this.#kept.get(key) ?? new Certificate(place, this.#log)
    this.#kept.set(key, certificate)
    certificate.reread(options)
    return certificate.context
  }

  #namesIn(directory: string): string[] {
    const names = namesIn(directory, this.#log)
    if (names.length > certificateNames) this.#log(`${directory}: only ${certificateNames} of its certificates are used`)
    return names.slice(0, certificateNames)
  }
}

const keyOf = ({ top, directory }: Place): string => `${top}/${directory}`

/** In the order of their bytes. */
function namesIn(directory: string, log: (line: string) => void): string[] {
  try {
    return readdirSync(directory).sort()
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') log(`${directory}: ${errorText(error)}`)
    return []
  }
}
