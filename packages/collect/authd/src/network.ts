/** Who counts as one, among those who wait. */
import { isIP } from 'node:net'
import { networksOf } from '@yabumi/listener'

/**
 * @param address - what a front says; all that is no address is one client
 * @returns the client, an IPv4 address or a /64, and the network around it that has one owner: itself, or its /56
 */
export function networkOf(address: string): { client: string; network: string } {
  const networks = isIP(address) === 0 ? [] : networksOf(address.toLowerCase())
  return { client: networks[0] ?? '0.0.0.0', network: networks.at(-1) ?? '0.0.0.0' }
}
