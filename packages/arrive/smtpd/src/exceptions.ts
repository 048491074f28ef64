/**
 * control/dmarcexceptions: who need not be what an author's domain says.
 *
 * `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`: clients, as a second mail host of ours is one. `lists.example.org`: a
 * domain that has signed a message or for which SPF passes, as that of a list. `@example.org`: the author's domain.
 */
import { BlockList, isIP } from 'node:net'
import { lowerCase } from '@yabumi/address'

export class Exceptions {
  readonly #clients = new BlockList()
  readonly #names: ReadonlySet<string>

  /** @param lines - of the file; what is neither a network nor a name exempts nobody */
  constructor(lines: readonly string[]) {
    const names: string[] = []
    for (const line of lines) if (!this.#addClient(line)) names.push(lowerCase(line))
    this.#names = new Set(names)
  }

  /** @param address - of a client */
  hasClient(address: string): boolean {
    const kind = isIP(address)
    return kind !== 0 && this.#clients.check(address, kind === 6 ? 'ipv6' : 'ipv4')
  }

  /** @param name - a domain, or `@` and one */
  hasName(name: string): boolean {
    return this.#names.has(lowerCase(name))
  }

  #addClient(line: string): boolean {
    const [address = '', prefix] = line.split('/', 2)
    const kind = isIP(address)
    if (kind === 0) return false
    const most = kind === 6 ? 128 : 32
    const bits = prefix === undefined ? most : Number(prefix)
    if (!/^[0-9]{1,3}$/.test(prefix ?? '0') || bits > most) return true
    this.#clients.addSubnet(address, bits, kind === 6 ? 'ipv6' : 'ipv4')
    return true
  }
}
