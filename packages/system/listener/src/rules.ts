/**
 * Who may connect, and with which environment: files of rules, obeyed as `tcpserver -x` does (spec §10.1, §10.2).
 *
 * A file whose name ends in `.cdb` is one that tcprules made; any other is the text that tcprules takes. The first of
 * these keys that has a rule decides:
 *
 * 1. the address
 * 2. `=` and the client's name
 * 3. prefixes of the address that end in a dot or a colon, the longest first
 * 4. networks in CIDR form, the longest first
 * 5. `=` and the parts of the name that start at a dot
 * 6. `=` alone for a client with a name
 * 7. the empty key
 *
 * Without a rule the client may connect. The file is opened anew when it is another one or has changed: one stat(2) a
 * connection.
 */
import { readFileSync, statSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import { CdbFile } from '@yabumi/cdbfile'
import { errorText, Trouble } from '@yabumi/trouble'
import { noRule, type Rule } from './rule.ts'
import { parseRules } from './ruletext.ts'

interface Network {
  readonly key: string
  readonly length: number
  readonly members: BlockList
}

/** Rules by key. */
interface Table {
  keys(): Iterable<string>
  get(key: string): Rule | undefined
  close?(): void
}

interface OpenFile {
  readonly stamp: string
  readonly table: Table
  readonly networks: readonly Network[]
  readonly namesMatter: boolean
}

export class ClientRules {
  readonly #path: string
  #open: OpenFile | undefined

  /** @throws Trouble 4.3.0 if the file cannot be read: a server that could let nobody in should not start */
  constructor(path: string) {
    this.#path = path
    this.#current()
  }

  /** Whether any rule is for a name, so that the name of a client is worth finding out. @throws Trouble 4.3.0 */
  get namesMatter(): boolean {
    return this.#current().namesMatter
  }

  /**
   * The rule for a client.
   *
   * @param address - as text, IPv4 dotted
   * @param name - in lower case; undefined if it has none or nobody has asked
   * @throws Trouble 4.3.0 if the file cannot be read
   */
  ruleFor(address: string, name?: string): Rule {
    const { table, networks } = this.#current()
    try {
      for (const key of keysOf(address, name, networks)) {
        const rule = table.get(key)
        if (rule !== undefined) return rule
      }
    } catch (cause) {
      throw this.#trouble(cause)
    }
    return noRule
  }

  #current(): OpenFile {
    try {
      const { ino, size, mtimeMs, ctimeMs } = statSync(this.#path)
      const stamp = `${ino} ${size} ${mtimeMs} ${ctimeMs}`
      if (this.#open?.stamp !== stamp) {
        const opened = openRules(this.#path, stamp)
        this.#open?.table.close?.()
        this.#open = opened
      }
      return this.#open as OpenFile
    } catch (cause) {
      throw this.#trouble(cause)
    }
  }

  #trouble(cause: unknown): Trouble {
    return new Trouble('4.3.0', `unable to read ${this.#path}: ${errorText(cause)}`, { cause })
  }
}

function openRules(path: string, stamp: string): OpenFile {
  const table: Table = path.endsWith('.cdb') ? new CdbTable(path) : parseRules(readFileSync(path, 'latin1'))
  try {
    const keys = [...table.keys()]
    const networks = keys.map(parseNetwork).filter((network) => network !== undefined)
    return {
      stamp,
      table,
      namesMatter: keys.some((key) => key[0] === '='),
      networks: networks.sort((a, b) => b.length - a.length),
    }
  } catch (error) {
    table.close?.()
    throw error
  }
}

/** `192.0.2.0/24`, `2001:db8::/32`; undefined for anything else. */
function parseNetwork(key: string): Network | undefined {
  const [, address = '', digits] = /^([0-9A-Fa-f.:]+)\/([0-9]{1,3})$/.exec(key) ?? []
  const family = isIP(address)
  const length = Number(digits)
  if (family === 0 || length > (family === 4 ? 32 : 128)) return undefined
  const members = new BlockList()
  members.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6')
  return { key, length, members }
}

function* keysOf(address: string, name: string | undefined, networks: readonly Network[]): Generator<string, void> {
  yield address
  if (name !== undefined) yield `=${name}`
  for (let end = address.length - 1; end > 0; end -= 1) {
    if ('.:'.includes(address[end - 1] as string)) yield address.slice(0, end)
  }
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  for (const { key, members } of networks) if (members.check(address, family)) yield key
  if (name !== undefined) {
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) yield `=${name.slice(dot)}`
    yield '='
  }
  yield ''
}

class CdbTable implements Table {
  readonly #reader: CdbFile

  constructor(path: string) {
    this.#reader = new CdbFile(path)
  }

  *keys(): Generator<string, void> {
    for (const key of this.#reader.keys()) yield key.toString('latin1')
  }

  get(key: string): Rule | undefined {
    const data = this.#reader.find(Buffer.from(key, 'latin1'))
    return data && parseData(data.toString('latin1'))
  }

  close(): void {
    this.#reader.close()
  }
}

/** `D` denies, `+NAME=value` sets; each ends in NUL. */
function parseData(data: string): Rule {
  const records = data.split('\0').slice(0, -1)
  const variables = records
    .filter((record) => record[0] === '+' && record.includes('='))
    .map((record) => [record.slice(1, record.indexOf('=')), record.slice(record.indexOf('=') + 1)] as const)
  return { denies: records.some((record) => record[0] === 'D'), variables }
}
