/**
 * Ask one DNS question and say plainly what came of it.
 *
 * A missing name, a missing record and trouble decide between a bounce and another try. So everything that is not a
 * clear "no" from a server counts as trouble: SERVFAIL, REFUSED, silence, an answer that cannot be parsed. See spec
 * §2.8.2 and RFC 2308 §2.
 */
import type { Answer, Records } from './answer.ts'
import { Cache } from './cache.ts'
import type { Type } from './question.ts'
import { askServers } from './rounds.ts'
import { currentServers } from './servers.ts'

/**
 * A name that can be asked for: printable ASCII, labels of 1 to 63 bytes, 253 in all (RFC 1035 §2.3.4).
 * A backslash is left out, because many take it for an escape.
 */
function isName(name: string): boolean {
  if (name.length > 254 || !/^[!-[\]-~]+$/.test(name)) return false
  const labels = (name.endsWith('.') ? name.slice(0, -1) : name).split('.')
  return labels.every(({ length }) => length >= 1 && length <= 63)
}

const cache = new Cache<Answer<Records[Type]>>()
/** Whose answers are kept. */
let keptFrom = ''
/** Questions that are asked just now: whoever has the same one waits with them (RFC 5452 §5). */
const underWay = new Map<string, Promise<Answer<Records[Type]>>>()

/** Look up the records of one type. Never throws. */
export function ask<T extends Type>(name: string, type: T): Promise<Answer<Records[T]>> {
  return askAny(name, type) as Promise<Answer<Records[T]>>
}

async function askAny(name: string, type: Type): Promise<Answer<Records[Type]>> {
  if (!isName(name)) return { kind: 'nxdomain' }
  const servers = currentServers()
  if (servers.length === 0) return { kind: 'trouble', reason: 'ENOSERVER' }
  const from = servers.map(({ address, port, trusted }) => `${address} ${port} ${trusted}`).join()
  if (from !== keptFrom) {
    cache.clear()
    underWay.clear()
    keptFrom = from
  }
  const key = `${type} ${name.replace(/\.$/, '').toLowerCase()}`
  const known = cache.get(key) ?? underWay.get(key)
  if (known !== undefined) return known
  const asked = askServers(servers, name, type).then(({ answer, seconds }) => {
    if (underWay.get(key) === asked) {
      underWay.delete(key)
      cache.keep(key, answer, seconds)
    }
    return answer
  })
  underWay.set(key, asked)
  return asked
}
