/** A connection that a proxy makes for a client: its first bytes say whose it is (rules variable PROXY). */
import type { Socket } from 'node:net'
import { proxyHeaderSeconds } from '@yabumi/limits'
import { type Ends, type ProxyHeader, type Rule, readProxyHeader } from '@yabumi/listener'

/** Whether who has this rule is a proxy. */
export function isProxy(rule: Rule | undefined): boolean {
  const value = rule?.variables.findLast(([name]) => name === 'PROXY')?.[1]
  return rule?.denies === false && value !== undefined && value !== '' && value !== '0'
}

/**
 * Take the header off the connection. What follows it stays there, and the socket is paused.
 *
 * @param own - the proxy's own ends, which count where it speaks for nobody
 * @returns undefined where there is none in time. Never rejects
 */
export function endsBehind(socket: Socket, own: Ends): Promise<Ends | undefined> {
  return new Promise((resolve) => {
    let heard: Buffer = Buffer.alloc(0)
    const settle = (ends: Ends | undefined): void => {
      clearTimeout(patience)
      socket.pause().removeListener('data', hear).removeListener('close', gone).removeListener('end', gone)
      resolve(ends)
    }
    const gone = (): void => settle(undefined)
    const hear = (bytes: Buffer): void => {
      heard = Buffer.concat([heard, bytes])
      const header: ProxyHeader = readProxyHeader(heard)
      if (header === 'open') return
      if (header === 'bad') {
        settle(undefined)
        return
      }
      settle(header.ends ?? own)
      if (heard.length > header.length) socket.unshift(heard.subarray(header.length))
    }
    const patience = setTimeout(gone, 1000 * proxyHeaderSeconds)
    socket
      .on('error', () => {})
      .on('data', hear)
      .on('close', gone)
      .on('end', gone)
  })
}
