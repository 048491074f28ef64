/**
 * Ask one DNS question and say plainly what came of it.
 *
 * node:dns (c-ares) tells a missing name from a missing record and both from trouble; that difference decides between a
 * bounce and another try, so everything that is not a clear "no" from a server counts as trouble: SERVFAIL, REFUSED,
 * silence, an answer that cannot be parsed. See spec §2.8.2 and RFC 2308 §2.
 */
import { type Asker, currentServers } from './servers.ts'

/** What a look-up came to: records; a name or a type of record that does not exist; or no usable answer for now. */
export type Answer<T> =
  | { readonly kind: 'found'; readonly records: readonly T[] }
  | { readonly kind: 'nxdomain' }
  | { readonly kind: 'nodata' }
  | { readonly kind: 'trouble'; readonly reason: string }

/** Record types asked for here, with the shape of one record. */
export interface Records {
  readonly MX: { readonly exchange: string; readonly priority: number }
  readonly A: string
  readonly AAAA: string
  readonly CNAME: string
  readonly PTR: string
  /** Its parts joined, a byte string. */
  readonly TXT: string
}

/** More records than this in one answer are left out: nobody tries that many hosts, and an answer is up to 64 KiB. */
const recordsLimit = 100

/**
 * A name that can be asked for: printable ASCII, labels of 1 to 63 bytes, 253 in all (RFC 1035 §2.3.4).
 * A backslash is left out because c-ares reads it as an escape.
 */
function isName(name: string): boolean {
  if (name.length > 254 || !/^[!-[\]-~]+$/.test(name)) return false
  const labels = (name.endsWith('.') ? name.slice(0, -1) : name).split('.')
  return labels.every(({ length }) => length >= 1 && length <= 63)
}

/** Look up the records of one type. Never throws. */
export async function ask<T extends keyof Records>(name: string, type: T): Promise<Answer<Records[T]>> {
  if (!isName(name)) return { kind: 'nxdomain' }
  const { together, each } = currentServers()
  let answer = await askOne<T>(together, name, type)
  // c-ares takes any reply for the last word; with several servers, one that fails must not speak for the others
  for (let i = 0; answer.kind === 'trouble' && answer.reason !== 'ETIMEOUT' && i < each.length; i += 1) {
    answer = await askOne<T>(each[i] as Asker, name, type)
  }
  return answer
}

function askOne<T extends keyof Records>(asker: Asker, name: string, type: T): Promise<Answer<Records[T]>> {
  return new Promise((resolve) => {
    try {
      asker.resolve(name, type, (error, records) => {
        if (error !== null) resolve(refusal(error.code ?? 'EUNKNOWN'))
        else resolve(found((type === 'TXT' ? (records as string[][]).map((parts) => parts.join('')) : records) as Records[T][]))
      })
    } catch (error) {
      resolve({ kind: 'trouble', reason: String(error) })
    }
  })
}

function found<T>(records: readonly T[]): Answer<T> {
  return records.length === 0 ? { kind: 'nodata' } : { kind: 'found', records: records.slice(0, recordsLimit) }
}

function refusal(code: string): Answer<never> {
  if (code === 'ENOTFOUND' || code === 'EBADNAME') return { kind: 'nxdomain' }
  return code === 'ENODATA' ? { kind: 'nodata' } : { kind: 'trouble', reason: code }
}
