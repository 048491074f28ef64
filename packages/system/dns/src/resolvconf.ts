/**
 * The system's DNS servers: the lines `nameserver` and `options` of resolv.conf(5).
 *
 * The file is looked at before each question.
 */
import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'

export interface ResolvConf {
  readonly addresses: readonly string[]
  /** `options trust-ad`: what the servers say of having verified an answer counts. */
  readonly trustAd: boolean
}

const file = '/etc/resolv.conf'

let kept: ResolvConf = parseResolvConf('')
let seen = ''

/** As the file has it now; without one a server of this host, as resolv.conf(5) says. */
export function readResolvConf(): ResolvConf {
  let now = '-'
  try {
    const { mtimeMs, ino, size } = statSync(file)
    now = `${mtimeMs} ${ino} ${size}`
    if (now !== seen) kept = parseResolvConf(readFileSync(file, 'latin1'))
  } catch {
    kept = parseResolvConf('')
  }
  seen = now
  return kept
}

/** What counts of its text. */
export function parseResolvConf(text: string): ResolvConf {
  const lines = text.split('\n').map((line) => line.split(/[ \t\r]+/))
  const addresses = lines.flatMap(([word, address = '']) => (word === 'nameserver' && isIP(address) !== 0 ? [address] : []))
  const options = lines.filter(([word]) => word === 'options').flat()
  return { addresses: addresses.length === 0 ? ['127.0.0.1'] : addresses, trustAd: options.includes('trust-ad') }
}
