/** What the operator says about TLS to other hosts, as the files have it now. */
import { readdirSync } from 'node:fs'
import { isDomain } from '@yabumi/address'
import { keepUntilChanged, readControl, readNumber } from '@yabumi/control'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import type { HostFile } from './demand.ts'
import { parseRules, type Rules } from './rules.ts'

export interface OwnPolicy {
  /** control/esmtp: EHLO, and TLS where it can be had. */
  readonly esmtp: boolean
  /** control/dane, control/mtasts: what receivers publish counts. */
  readonly dane: boolean
  readonly mtasts: boolean
  /** control/tlsrpt: what came of each connection is kept for reports. */
  readonly tlsrpt: boolean
  /** control/tlspolicy. */
  readonly rules: Rules
  /** What files say of a mail host, lower-case. */
  hostFile(host: string): HostFile | undefined
}

const exhaustive = 'exhaustivelist'
const pem = '.pem'

/** @throws Trouble 4.3.0 if a file or directory cannot be read */
export const currentPolicy: () => OwnPolicy = keepUntilChanged(
  ['esmtp', 'dane', 'mtasts', 'tlsrpt', 'tlspolicy', 'tlshosts', 'notlshosts'],
  () => {
    const known = entriesOf('tlshosts')
    const never = entriesOf('notlshosts')
    return {
      esmtp: readNumber('esmtp', 0) === 1,
      dane: readNumber('dane', 0) === 1,
      mtasts: readNumber('mtasts', 0) === 1,
      tlsrpt: readNumber('tlsrpt', 0) === 1,
      rules: parseRules(readControl('tlspolicy') ?? ''),
      hostFile: (host) => {
        if (!isDomain(host)) return undefined
        if (known.has(`${host}${pem}`)) return 'tlshosts'
        if (never.has(host)) return 'notlshosts'
        return known.has(exhaustive) ? 'unlisted' : undefined
      },
    }
  },
)

function entriesOf(directory: string): ReadonlySet<string> {
  try {
    return new Set(readdirSync(`control/${directory}`).map((name) => name.toLowerCase()))
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return new Set()
    throw new Trouble('4.3.0', `unable to read control/${directory}: ${errorText(cause)}`, { cause })
  }
}
