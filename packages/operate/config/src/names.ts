/** The names that the DNS has for this host. */
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { ask, findAddresses, reverseName } from '@yabumi/dns'

/** An alias of an alias of an alias: nobody needs more. */
const longestChain = 10

/**
 * The name, or the name in one of the system's search domains, that the DNS has an address for; where that is an alias,
 * what it stands for.
 *
 * @returns undefined if there is none, or none to be had now
 */
export async function fullName(name: string, domains: readonly string[] = searchDomains()): Promise<string | undefined> {
  const inDomains = domains.map((domain) => `${name}.${domain}`)
  for (const candidate of name.includes('.') ? [name, ...inDomains] : inDomains) {
    const real = await canonical(candidate.toLowerCase())
    if ((await addressesOf(real)).length > 0) return real
  }
  return undefined
}

/** The names by PTR of this host's addresses, where the name has the address too. @param say - told of each address */
export async function namesOfAddresses(say: (text: string) => void): Promise<string[]> {
  const names = new Set<string>()
  for (const address of ownAddresses()) {
    const name = await reverseName(address)
    if (name === undefined) say(`${address}: the DNS has no name for it.`)
    else if (!(await addressesOf(name)).includes(address))
      say(`${address}: ${name} is not its name, for the DNS has other addresses for that.`)
    else {
      say(`${address}: ${name} is a name of this host.`)
      names.add(name)
    }
  }
  return [...names]
}

async function canonical(name: string): Promise<string> {
  let real = name
  for (let step = 0; step < longestChain; step += 1) {
    const answer = await ask(real, 'CNAME')
    const target = answer.kind === 'found' ? answer.records[0]?.replace(/\.$/, '').toLowerCase() : undefined
    if (target === undefined || target === '') return real
    real = target
  }
  return name
}

async function addressesOf(name: string): Promise<string[]> {
  const found = await findAddresses(name)
  return found.kind === 'found' ? found.exchanges.map(({ address }) => address) : []
}

/** The addresses of all interfaces that are up, without those that hold on one link only. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return [...new Set(all.filter(({ scopeid }) => !scopeid).map(({ address }) => address))]
}

/** The domains that resolv.conf(5) completes short names with: LOCALDOMAIN, or the last line of either kind. */
function searchDomains(): string[] {
  const domains = process.env['LOCALDOMAIN'] ?? searchLine()
  return domains.split(/[ \t]+/).filter((domain) => domain !== '' && domain !== '.')
}

function searchLine(): string {
  try {
    const lines = [...readFileSync('/etc/resolv.conf', 'latin1').matchAll(/^(?:search|domain)[ \t]+(.*)$/gm)]
    return lines.at(-1)?.[1] ?? ''
  } catch {
    return ''
  }
}
