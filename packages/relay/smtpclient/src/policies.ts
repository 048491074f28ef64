/** The MTA-STS policies of domains, as mail and the hours of the day ask for them. */
import { type Policy, PolicyBook } from '@yabumi/mtasts'
import { currentPolicy } from '@yabumi/tlsdemand'
import { Trouble } from '@yabumi/trouble'

const book = new PolicyBook()

/** Why a policy that a domain has cannot be had: its name in reports (RFC 8460 §4.3), and in words. */
export interface PolicyFailure {
  readonly type: 'sts-webpki-invalid' | 'sts-policy-fetch-error'
  readonly reason: string
}

/** The policy of the recipient's domain. One that cannot be had is told, and mail goes as without (RFC 8461 §5). */
export async function stsPolicy(domain: string, tell: (failure: PolicyFailure) => void): Promise<Policy | 'trouble' | undefined> {
  const found = await book.of(domain)
  if (found.kind === 'found') return found.policy
  if (found.kind !== 'problem') return found.kind === 'trouble' ? 'trouble' : undefined
  tell({ type: found.isCertificate ? 'sts-webpki-invalid' : 'sts-policy-fetch-error', reason: `MTA-STS: ${found.problem}` })
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
