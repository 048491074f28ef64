/** The hosts that queue for this one: control/qmqpservers, in the order to try them. */
import { isIP } from 'node:net'
import { readList } from '@yabumi/control'

export interface Server {
  readonly host: string
  readonly port: number
}

const qmqpPort = 628

/** @throws Error if there is no file, Trouble if it cannot be read */
export function readServers(): Server[] {
  const lines = readList('qmqpservers')
  if (lines === undefined) throw new Error('there is no control/qmqpservers')
  return lines.map(parseServer).filter((server) => server !== undefined)
}

/**
 * A line: an IPv4 address, whatever follows it; or, which qmail does not have, `ADDR:PORT`, an IPv6 address, `[v6]:PORT`.
 *
 * @returns undefined for a line that is no address
 */
export function parseServer(line: string): Server | undefined {
  if (isIP(line) === 6) return { host: line, port: qmqpPort }
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+))(?::([0-9]{1,5})$)?/.exec(line)
  const host = match?.[1] ?? match?.[2] ?? ''
  if (isIP(host) !== (match?.[1] === undefined ? 4 : 6)) return undefined
  const port = match?.[3] === undefined ? qmqpPort : Number(match[3])
  return port < 1 || port > 65_535 ? undefined : { host, port }
}
