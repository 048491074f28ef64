/** Which lists are asked: control/dnsbllist, dnswllist, rhsbllist. */
import { readList } from '@yabumi/control'
import { type DnsList, parseList } from './list.ts'

export interface DnsLists {
  /** Of addresses that send what nobody wants; of those that are known to be well; and of domains. */
  readonly blocking: readonly DnsList[]
  readonly passing: readonly DnsList[]
  readonly domains: readonly DnsList[]
}

/**
 * Read them. A line that is none leaves the last good reading of its file, and at first does not count.
 *
 * @returns undefined where no list is asked
 * @throws Trouble 4.3.0 that names the file
 */
export function readDnsLists(before: DnsLists | undefined): DnsLists | undefined {
  const blocking = read('dnsbllist', before?.blocking)
  const passing = read('dnswllist', before?.passing)
  const domains = read('rhsbllist', before?.domains)
  return blocking.length + passing.length + domains.length === 0 ? undefined : { blocking, passing, domains }
}

function read(name: string, before: readonly DnsList[] | undefined): readonly DnsList[] {
  const lists = (readList(name) ?? []).map(parseList)
  const good = lists.filter((list) => list !== undefined)
  return good.length < lists.length ? (before ?? good) : good
}
