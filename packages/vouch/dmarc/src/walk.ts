/** The walk up the tree of names, which finds records and the domain of an organisation (RFC 9989 §4.10). */
import { asciiDomain } from '@yabumi/address'
import type { Answer, Records } from '@yabumi/dns'
import { type DmarcRecord, isDmarcRecord, readDmarcRecord } from './record.ts'

/** As ask() of package dns. Never throws. */
export type AskDmarc = <T extends 'TXT' | 'A' | 'CNAME'>(name: string, type: T) => Promise<Answer<Records[T]>>

/** What one name has: a record, a wrong one, none, or no answer. */
export type Found = DmarcRecord | { readonly problem: string } | 'none' | 'trouble'

export interface Walk {
  /** Each name that was asked about, from the start upwards. */
  readonly steps: readonly { readonly name: string; readonly found: Found }[]
  /** The domain of the organisation, as far as answers came. */
  readonly organisation: string
  /** Somewhere no answer came, so that the organisation is not certain. */
  readonly trouble: boolean
}

/** A name of so many labels is cut to one less after the first question, so that there are no more questions than these. */
const mostLabels = 8

/** In lower case, without the final dot, in ASCII; empty for what is none. */
export function plainName(name: string): string {
  const ascii = asciiDomain(name.endsWith('.') ? name.slice(0, -1) : name) ?? ''
  return ascii.length <= 253 && ascii.split('.').every((label) => /^[a-z0-9_-]{1,63}$/.test(label)) ? ascii : ''
}

/** Walks of one message: a name is asked about once. */
export class Walks {
  readonly #ask: AskDmarc
  readonly #found = new Map<string, Promise<Found>>()

  constructor(ask: AskDmarc) {
    this.#ask = ask
  }

  /** @param start - as plainName() makes it */
  async from(start: string): Promise<Walk> {
    const labels = start.split('.')
    const steps: { name: string; found: Found }[] = []
    const upper = Math.min(labels.length, mostLabels) - 1
    for (const count of [labels.length, ...Array.from({ length: upper }, (_, index) => upper - index)]) {
      const name = labels.slice(-count).join('.')
      const found = await this.#at(name)
      steps.push({ name, found })
      if (suffixOf(found) !== 'u') break
    }
    const trouble = steps.some(({ found }) => found === 'trouble')
    return { steps, organisation: organisationOf(start, steps), trouble }
  }

  #at(name: string): Promise<Found> {
    const known = this.#found.get(name) ?? this.#find(name)
    this.#found.set(name, known)
    return known
  }

  async #find(name: string): Promise<Found> {
    const answer = await this.#ask(`_dmarc.${name}`, 'TXT')
    if (answer.kind === 'trouble') return 'trouble'
    const records = answer.kind === 'found' ? answer.records.filter(isDmarcRecord) : []
    return records.length === 1 ? readDmarcRecord(records[0] as string) : 'none'
  }
}

export function isRecord(found: Found): found is DmarcRecord {
  return typeof found === 'object' && 'text' in found
}

function suffixOf(found: Found): DmarcRecord['publicSuffix'] {
  return isRecord(found) ? found.publicSuffix : 'u'
}

/** RFC 9989 §4.10.2. Only the last step may say what it is; else the shortest name with a record is the organisation's. */
function organisationOf(start: string, steps: Walk['steps']): string {
  const last = steps.at(-1)
  if (last !== undefined && suffixOf(last.found) === 'n') return last.name
  if (last !== undefined && suffixOf(last.found) === 'y' && last.name !== start) {
    return start
      .split('.')
      .slice(-1 - last.name.split('.').length)
      .join('.')
  }
  return steps.findLast(({ found }) => isRecord(found))?.name ?? start
}
