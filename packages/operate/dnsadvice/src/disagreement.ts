/** Servers of a zone of which some have older records than others: then receivers see now this and now that. */
import { readDomainKeys, recordName } from '@yabumi/dkimkeys'
import type { Records, View } from '@yabumi/dns'
import type { Fault } from './fault.ts'

export type Views = <T extends keyof Records>(name: string, type: T) => Promise<readonly View<Records[T]>[]>

/** The records by which mail is found and believed. @param me - the name of this host */
export async function disagreements(domain: string, me: string, views: Views): Promise<Fault[]> {
  const keys = readDomainKeys(domain).flatMap(({ selector, key }) => (key === undefined ? [] : [recordName(domain, selector)]))
  const questions: readonly [string, keyof Records][] = [
    [domain, 'MX'],
    ...[domain, `_dmarc.${domain}`, ...keys].map((name): [string, 'TXT'] => [name, 'TXT']),
    [me, 'A'],
    [me, 'AAAA'],
  ]
  const faults = await Promise.all(questions.map(async ([name, type]) => faultsOf(name, type, await views(name, type))))
  return faults.flat()
}

/** A server that does not answer is named too: whoever asks it waits. */
function faultsOf(name: string, type: string, views: readonly View<unknown>[]): Fault[] {
  const silent = views.filter(({ answer }) => answer.kind === 'trouble').map(({ server }) => server)
  const said = new Map<string, string>()
  for (const { server, answer } of views) {
    const text = answer.kind === 'found' ? answer.records.map((record) => JSON.stringify(record)).sort() : []
    if (answer.kind !== 'trouble' && !said.has(text.join())) said.set(text.join(), server)
  }
  const [first, second] = said.values()
  const others = silent.length > 0 && silent.length < views.length ? silent : []
  return [
    ...(second === undefined
      ? []
      : [{ code: 'servers-disagree', sentence: `${first} and ${second} have different ${type} records of ${name}`, weight: 2 } as const]),
    ...others.map((server) => ({ code: 'server-silent', sentence: `${server} does not answer about ${name}`, weight: 1 }) as const),
  ]
}
