/** The IPv6 addresses of this host, and which of them have no name: the big receivers refuse mail from those. */
import { networkInterfaces } from 'node:os'
import { reverseName } from '@yabumi/dns'

/** Those that the network sees: neither loopback nor link-local nor unique-local (RFC 4291 §2.4, RFC 4193). */
function addresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  return all
    .filter(({ family, address, internal }) => family === 'IPv6' && !internal && !/^f[cde]/i.test(address))
    .map(({ address }) => address)
}

export function hasIpv6(): boolean {
  return addresses().length > 0
}

/** @returns those of which the DNS says no name, or does not answer */
export async function addressesWithoutName(): Promise<string[]> {
  const named = await Promise.all(addresses().map(async (address) => ({ address, name: await reverseName(address) })))
  return named.filter(({ name }) => name === undefined).map(({ address }) => address)
}
