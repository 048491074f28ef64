import { networkInterfaces } from 'node:os'

/** An IPv4 address of this host that is not loopback: a client from there is counted. Undefined where there is none. */
export function otherAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address
}
