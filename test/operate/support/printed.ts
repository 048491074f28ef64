/** The records that dnsadvice prints, as a zone of a test's DNS server. */
import type { Name, Zone } from '../../support/dns-server.ts'

/** Types that the server can have; the others it answers as if nothing were there, which is no fault. */
type Kept = 'A' | 'AAAA' | 'MX' | 'TXT' | 'PTR' | 'CNAME'

/**
 * @param text - lines of a zone file, and comments; a comment `PTR of ADDRESS: NAME.` is somebody else's record, and counts
 * @returns what the lines say, and no TLSA records: those are for signed zones only, as the comment there says
 */
export function zoneOf(text: string): Zone {
  const zone: Record<string, Record<string, unknown>> = {}
  for (const line of text.split('\n')) {
    const [, owner = '', type = '', data = ''] = /^(\S+)\. IN (\S+) (.+)$/.exec(pointed(line)) ?? []
    const value = dataOf(type, data)
    if (value === undefined) continue
    const name = zone[owner.toLowerCase()] ?? {}
    zone[owner.toLowerCase()] = name
    if (type === 'CNAME') name[type] = value
    else name[type] = [...((name[type] as unknown[]) ?? []), value]
  }
  return zone as Record<string, Name>
}

function pointed(line: string): string {
  const [, address, name] = /^; PTR of ([0-9.]+): (\S+)$/.exec(line) ?? []
  return address === undefined ? line : `${address.split('.').reverse().join('.')}.in-addr.arpa. IN PTR ${name}`
}

function dataOf(type: string, data: string): unknown {
  const kept: Record<Kept, () => unknown> = {
    A: () => data,
    AAAA: () => data,
    MX: () => [Number(data.split(' ')[0]), host(data.split(' ')[1] ?? '')],
    TXT: () => [...data.matchAll(/"([^"]*)"/g)].map(([, part]) => part).join(''),
    PTR: () => host(data),
    CNAME: () => host(data),
  }
  return kept[type as Kept]?.()
}

function host(text: string): string {
  return text.replace(/\.$/, '')
}
