/**
 * Addresses that the operator does not want: control/NAME, and control/NAME.cdb for those who have many.
 *
 * An entry is an address, `@domain`, or `.domain` for all domains below one. Case does not matter; in the cdb, whose
 * data does not count, entries are in lower case.
 */
import { lowerCase } from '@yabumi/address'
import { ConstMap, readList } from '@yabumi/control'
import { ControlCdb } from './controlcdb.ts'
import type { ListEntry } from './listentry.ts'
import { isPattern, matches, patternsOf } from './pattern.ts'

export class AddressList {
  readonly #name: string
  readonly #entries: ConstMap
  readonly #patterns: readonly string[]
  readonly #cdb: ControlCdb | undefined

  private constructor(name: string, entries: readonly string[], patterns: readonly string[], cdb: ControlCdb | undefined) {
    this.#name = name
    this.#entries = ConstMap.ofLines(entries)
    this.#patterns = patterns
    this.#cdb = cdb
  }

  /**
   * Read the text file, and see whether there is a cdb.
   *
   * @param patterns - whether lines that begin with a slash are patterns
   * @returns undefined if there is neither
   * @throws Trouble 4.3.0 that names the file
   */
  static read(name: string, patterns: boolean): AddressList | undefined {
    const lines = readList(name)
    const cdb = new ControlCdb(`${name}.cdb`)
    const hasCdb = cdb.exists()
    if (lines === undefined && !hasCdb) return undefined
    const all = lines ?? []
    const entries = patterns ? all.filter((line) => !isPattern(line)) : all
    return new AddressList(name, entries, patterns ? patternsOf(all) : [], hasCdb ? cdb : undefined)
  }

  /** Whether an address is listed, itself or by its domain. @throws Trouble 4.3.0 if the cdb cannot be read */
  has(address: string): boolean {
    return this.entryFor(address) !== undefined
  }

  /** The entry that lists an address. @throws Trouble 4.3.0 if the cdb cannot be read */
  entryFor(address: string): ListEntry | undefined {
    return address === '' ? undefined : this.#entryAmong(lowerCase(address), keysOf)
  }

  /** The entry that lists a host's name: itself, or by `.domain`. @throws Trouble 4.3.0 if the cdb cannot be read */
  entryForHost(host: string): ListEntry | undefined {
    return host === '' ? undefined : this.#entryAmong(lowerCase(host), (name) => [name, ...domainsOf(name, 0)])
  }

  #entryAmong(lower: string, keysOf: (text: string) => readonly string[]): ListEntry | undefined {
    const keys = keysOf(lower)
    const listed = keys.find((key) => this.#entries.has(key))
    if (listed !== undefined) return { file: this.#name, entry: listed }
    const pattern = this.#patterns.find((pattern) => matches(pattern, lower))
    if (pattern !== undefined) return { file: this.#name, entry: `/${pattern}` }
    const record = this.#cdb?.findRecord(keys)
    return record && { file: `${this.#name}.cdb`, entry: record.key }
  }
}

/** Longer than any name in the DNS (RFC 1035 §2.3.4). */
const nameBytes = 255

/** The address, `@domain`, and each part of the domain that starts at a dot. */
function keysOf(address: string): string[] {
  const at = address.lastIndexOf('@')
  if (at < 0) return [address]
  return [address, address.slice(at), ...domainsOf(address, at)]
}

/** Each part that starts at a dot, from a place on. */
function domainsOf(name: string, from: number): string[] {
  const domains: string[] = []
  for (let dot = name.indexOf('.', from); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    if (name.length - dot <= nameBytes) domains.push(name.slice(dot))
  }
  return domains
}
