/**
 * The recipients that exist: control/validrcptto, and control/validrcptto.cdb for those who have many.
 *
 * Where one of the files is there, a recipient that it does not know is refused at RCPT. So nobody bounces his mail to
 * a sender who may be forged. In the order of the look-up:
 *
 * 1. `/PATTERN` lines of the text file: whom one matches is refused
 * 2. `user-ext@domain`, the address itself
 * 3. `user-default@domain`, then `user-@domain`, at each hyphen of the local part, the last one first
 * 4. `@domain`
 *
 * Each key is looked up in the text file, then in the cdb. The first one found decides. `-KEY` in the text refuses, and
 * so does data that begins with a hyphen in the cdb; everything else accepts. Keys in the cdb are in lower case.
 */
import { lowerCase } from '@yabumi/address'
import { readLineOrMe, readList } from '@yabumi/control'
import { smtpExtensions } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'
import { ControlCdb } from './controlcdb.ts'
import type { ListEntry } from './listentry.ts'
import { isPattern, matches, patternsOf } from './pattern.ts'

const name = 'validrcptto'

export interface Decision {
  readonly accepts: boolean
  /** The one that decided; undefined where none is for the recipient, which refuses it. A refusing one in the text has a hyphen in front. */
  readonly entry: ListEntry | undefined
}

const unknown: Decision = { accepts: false, entry: undefined }

export class ValidRecipients {
  /** By key: whether it accepts. */
  readonly #entries: ReadonlyMap<string, boolean>
  readonly #patterns: readonly string[]
  readonly #cdb: ControlCdb | undefined
  /** What send puts behind an address without a host. */
  readonly #host: string

  private constructor(lines: readonly string[], cdb: ControlCdb | undefined, host: string) {
    this.#patterns = patternsOf(lines)
    this.#entries = new Map(lines.filter((line) => !isPattern(line)).map(readEntry))
    this.#cdb = cdb
    this.#host = host
  }

  /** Read the text file, and see whether there is a cdb. @returns undefined if there is neither. @throws Trouble 4.3.0 */
  static read(): ValidRecipients | undefined {
    const lines = readList(name)
    const cdb = new ControlCdb(`${name}.cdb`)
    const hasCdb = cdb.exists()
    if (lines === undefined && !hasCdb) return undefined
    return new ValidRecipients(lines ?? [], hasCdb ? cdb : undefined, readLineOrMe('envnoathost') ?? 'envnoathost')
  }

  /** Whether this recipient exists. @throws Trouble 4.3.0 if the cdb cannot be read, or has gone meanwhile */
  has(recipient: string): boolean {
    return this.decide(recipient).accepts
  }

  /** Whether this recipient exists, and by which entry. @throws Trouble 4.3.0 if the cdb cannot be read, or has gone meanwhile */
  decide(recipient: string): Decision {
    const address = lowerCase(recipient.includes('@') ? recipient : `${recipient}@${this.#host}`)
    const pattern = this.#patterns.find((pattern) => matches(pattern, address))
    if (pattern !== undefined) return { accepts: false, entry: { file: name, entry: `/${pattern}` } }
    const keys = [...keysOf(address)]
    const listed = keys.findIndex((key) => this.#entries.has(key))
    const record = this.#cdb?.findRecord(listed < 0 ? keys : keys.slice(0, listed))
    if (record !== undefined) return { accepts: record.data[0] !== '-', entry: { file: `${name}.cdb`, entry: record.key } }
    if (listed >= 0) {
      const key = keys[listed] as string
      const accepts = this.#entries.get(key) === true
      return { accepts, entry: { file: name, entry: accepts ? key : `-${key}` } }
    }
    if (this.#cdb?.exists() === false) throw new Trouble('4.3.0', `control/${name}.cdb has gone`)
    return unknown
  }
}

function readEntry(line: string): [key: string, accepts: boolean] {
  const refuses = line[0] === '-'
  return [lowerCase(refuses ? line.slice(1) : line), !refuses]
}

function* keysOf(address: string): Generator<string, void> {
  const at = address.lastIndexOf('@')
  const domain = address.slice(at)
  yield address
  let hyphen = address.lastIndexOf('-', at)
  for (let tried = 0; hyphen >= 0 && tried < smtpExtensions; tried += 1) {
    const user = address.slice(0, hyphen + 1)
    yield `${user}default${domain}`
    yield user + domain
    hyphen = hyphen === 0 ? -1 : address.lastIndexOf('-', hyphen - 1)
  }
  yield domain
}
