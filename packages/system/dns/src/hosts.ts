/**
 * /etc/hosts: names that this machine's administrator gives addresses to. For names that our own settings give; what
 * others say of hosts is asked of the DNS alone. The file is looked at before each question; one that cannot be read
 * names nobody.
 */
import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'

const file = '/etc/hosts'
/** A larger one is somebody's list of hosts to block; it is not read. */
const largestBytes = 1_048_576

let names: ReadonlyMap<string, readonly string[]> = new Map()
let seen = ''

/** The addresses of a name in the order of the file, IPv4 first; none if it is not there. `localhost` is always there (RFC 6761 §6.3). */
export function hostsAddresses(name: string): readonly string[] {
  const wanted = name.replace(/\.$/, '').toLowerCase()
  const known = current().get(wanted)
  if (known !== undefined) return known
  return wanted === 'localhost' ? ['127.0.0.1', '::1'] : []
}

function current(): ReadonlyMap<string, readonly string[]> {
  try {
    const { mtimeMs, ino, size } = statSync(file)
    const now = `${mtimeMs} ${ino} ${size}`
    if (now === seen) return names
    names = size > largestBytes ? new Map() : parseHosts(readFileSync(file, 'latin1'))
    seen = now
  } catch {
    names = new Map()
    seen = ''
  }
  return names
}

/** Lines of an address and its names, in hosts(5); `#` begins a comment. */
export function parseHosts(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...aliases] = (line.split('#', 1)[0] as string).split(/[ \t\r]+/).filter((word) => word !== '')
    const version = isIP(address)
    if (version === 0) continue
    for (const alias of aliases) {
      const addresses = found.get(alias.toLowerCase()) ?? []
      found.set(alias.toLowerCase(), addresses)
      if (addresses.includes(address)) continue
      if (version === 6) addresses.push(address)
      else addresses.splice(addresses.filter((each) => isIP(each) === 4).length, 0, address)
    }
  }
  return found
}
