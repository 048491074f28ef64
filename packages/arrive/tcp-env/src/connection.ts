/**
 * What a program hears of its connection: the addresses, their names in the DNS, and the user that an ident server
 * names.
 */
import { isIPv6 } from 'node:net'
import { ask, reverseZone } from '@yabumi/dns'
import { enterHome } from '@yabumi/home'
import type { Endpoint } from '@yabumi/posix'
import { askIdent } from './ident.ts'

/** A variable of the environment; undefined takes it out. */
export type Variable = readonly [name: string, value: string | undefined]

/** What tcpserver's variables say of a connection (spec §10.1). */
export async function describeConnection(
  { local, remote }: { readonly local: Endpoint; readonly remote: Endpoint },
  identSeconds: number,
): Promise<Variable[]> {
  const [localHost, remoteHost] = await namesOf([local.address, remote.address])
  return [
    ['PROTO', isIPv6(remote.address) ? 'TCP6' : 'TCP'],
    ['TCPLOCALIP', local.address],
    ['TCPLOCALPORT', String(local.port)],
    ['TCPLOCALHOST', localHost],
    ['TCPREMOTEIP', remote.address],
    ['TCPREMOTEPORT', String(remote.port)],
    ['TCPREMOTEHOST', remoteHost],
    ['TCPREMOTEINFO', identSeconds > 0 ? await askIdent(local, remote, identSeconds) : undefined],
  ]
}

/** The names of addresses by PTR, in lower case; undefined if there is none. */
async function namesOf(addresses: readonly string[]): Promise<(string | undefined)[]> {
  const here = process.cwd()
  try {
    enterHome() // for its control/resolvers
  } catch {
    // without a home the system's servers are asked
  }
  const names = await Promise.all(addresses.map(nameOf))
  process.chdir(here)
  return names
}

async function nameOf(address: string): Promise<string | undefined> {
  const answer = await ask(reverseZone(address) ?? '', 'PTR')
  if (answer.kind === 'trouble') return 'softdnserror'
  const name = answer.kind === 'found' ? answer.records[0] : undefined
  return name?.replace(/\.$/, '').toLowerCase() || undefined
}
