/** A connection that a server of ours takes is described in tcpserver's words, names left out. */
import type { Ends } from './listen.ts'

/** What tcpserver would say about a connection (spec §10.1); it does not know IPv6, ucspi-tcp6 says TCP6. */
export function connectionVariables({ local, remote }: Ends): [name: string, value: string][] {
  return [
    ['PROTO', remote.address.includes(':') ? 'TCP6' : 'TCP'],
    ['TCPLOCALIP', local.address],
    ['TCPLOCALPORT', String(local.port)],
    ['TCPREMOTEIP', remote.address],
    ['TCPREMOTEPORT', String(remote.port)],
  ]
}
