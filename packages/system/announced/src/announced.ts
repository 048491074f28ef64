/**
 * What a home says of itself to the world, as its control files have it now. Who publishes it in the DNS and who hands
 * it out as files must say the same.
 *
 * Bound    a line that cannot be read leaves the last good reading of its file, and is named
 */
import { createHash } from 'node:crypto'
import { readLine, readList } from '@yabumi/control'
import { errorText, Trouble } from '@yabumi/trouble'

/** All there may be. */
export const serviceNames = ['submissions', 'submission', 'imaps', 'imap', 'pop3s', 'pop3'] as const
/** As their SRV records call them (RFC 6186 §3, RFC 8314 §5.1). What ends with `s` begins with TLS; the others have STARTTLS. */
export type ServiceName = (typeof serviceNames)[number]

export interface Service {
  readonly name: ServiceName
  readonly port: number
}

export interface StsPolicy {
  /** With the line ends that it is served with (RFC 8461 §3.2). */
  readonly text: string
  /** Changes when the text does (RFC 8461 §3.1). */
  readonly id: string
}

const usual: readonly Service[] = [
  { name: 'submissions', port: 465 },
  { name: 'pop3s', port: 995 },
]
const policyLine = /^(none|testing|enforce)((?:[ \t]+(?:\*\.)?[A-Za-z0-9.-]{1,253})*)$/
const largestPort = 65_535
const maxAgeSeconds = 604_800
const idCharacters = 20

export class Announced {
  readonly #log: (line: string) => void
  #services = usual
  #policy: StsPolicy | undefined

  /** The working directory is the home. @param log - gets a line without a program's name, at each reading */
  constructor(log: (line: string) => void) {
    this.#log = log
  }

  /** This host's name, lower-case. @throws Trouble 4.3.0 if control/ does not say it */
  get host(): string {
    const me = readLine('me')
    if (me === undefined) throw new Trouble('4.3.0', 'unable to read control/me: file does not exist')
    return me.toLowerCase()
  }

  /** Where people's programs send and fetch mail. */
  get services(): readonly Service[] {
    this.#attempt(() => {
      this.#services = readList('mailaccess')?.map(serviceOf) ?? usual
    })
    return this.#services
  }

  /** Undefined where none is published. */
  get policy(): StsPolicy | undefined {
    this.#attempt(() => {
      const line = readLine('stspolicy')
      this.#policy = line === undefined ? undefined : policyOf(line, this.host)
    })
    return this.#policy
  }

  /** The domains whose mail is this home's own, lower-case. @throws Trouble 4.3.0 if control/ cannot be read */
  get domains(): string[] {
    const virtual = (readList('virtualdomains') ?? []).map((line) => line.split(':', 1)[0] ?? '')
    const all = [...(readList('locals') ?? [this.host]), ...virtual.filter((each) => /^[^.@][^@]*$/.test(each))]
    return [...new Set(all.map((each) => each.toLowerCase()))]
  }

  /** Whether a domain is one of those. @param domain - lower-case. @throws Trouble 4.3.0 if control/ cannot be read */
  includes(domain: string): boolean {
    return this.domains.includes(domain)
  }

  #attempt(read: () => void): void {
    try {
      read()
    } catch (error) {
      this.#log(errorText(error))
    }
  }
}

function serviceOf(line: string): Service {
  const [word, digits = '', ...more] = line.split(/[ \t]+/)
  const name = serviceNames.find((each) => each === word)
  const port = Number(digits)
  if (name === undefined || !/^[0-9]{1,5}$/.test(digits) || port === 0 || port > largestPort || more.length > 0)
    throw new Trouble('4.3.5', `control/mailaccess: ${JSON.stringify(line)} is not SERVICE PORT; the last good reading counts`)
  return { name, port }
}

function policyOf(line: string, host: string): StsPolicy {
  const [, mode = '', words = ''] = policyLine.exec(line) ?? []
  if (mode === '')
    throw new Trouble('4.3.5', `control/stspolicy: ${JSON.stringify(line)} is not MODE HOST ...; the last good reading counts`)
  const named = words.split(/[ \t]+/).filter((word) => word !== '')
  const hosts = named.length === 0 ? [host] : named.map((word) => word.toLowerCase())
  const lines = ['version: STSv1', `mode: ${mode}`, ...hosts.map((each) => `mx: ${each}`), `max_age: ${maxAgeSeconds}`]
  const text = lines.map((each) => `${each}\r\n`).join('')
  return { text, id: createHash('sha256').update(text).digest('hex').slice(0, idCharacters) }
}
