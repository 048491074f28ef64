/** The MTA-STS policies of domains, as mail and the hours of the day ask for them. */
import { type Policy, PolicyBook } from '@yabumi/mtasts'
import { currentPolicy } from '@yabumi/tlsdemand'
import { Trouble } from '@yabumi/trouble'
import type { Target } from './addresses.ts'
import type { Listener } from './security.ts'

const book = new PolicyBook()

/** The policy of the recipient's domain. One that cannot be had is told, and mail goes as without (RFC 8461 §5). */
export async function stsPolicy({ host, address }: Target, domain: string, listener: Listener): Promise<Policy | 'trouble' | undefined> {
  const found = await book.of(domain)
  if (found.kind === 'found') return found.policy
  if (found.kind !== 'problem') return found.kind === 'trouble' ? 'trouble' : undefined
  const failure = {
    type: found.isCertificate ? 'sts-webpki-invalid' : 'sts-policy-fetch-error',
    reason: `MTA-STS: ${found.problem}`,
  } as const
  listener({ domain, host, address, policy: 'sts', failure, outcome: 'tls' })
  return undefined
}

/** Look after the policies that are kept from now on, also while nothing is sent. @param tell - hears what does not work */
export async function lookAfterPolicies(tell: (problem: string) => void): Promise<void> {
  try {
    if (currentPolicy().mtasts) await book.freshen(tell)
  } catch (error) {
    if (!(error instanceof Trouble)) throw error // control files that cannot be read are reported with a delivery
  }
  setTimeout(() => void lookAfterPolicies(tell), roundSeconds * 1000).unref()
}

/** Far less than a day: those that are due are not all due at one hour. */
const roundSeconds = 3_600
