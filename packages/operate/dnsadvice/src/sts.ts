/** The MTA-STS policy of a domain, as senders find it (RFC 8461), beside its MX hosts. */
import { fetchPolicy, idOf, matches, type Web } from '@yabumi/mtasts'
import type { Fault } from './fault.ts'

/**
 * What is wrong with it.
 *
 * @param records - the texts of `_mta-sts.DOMAIN`
 * @param hosts - of its MX records, lower-case
 * @param web - where the web server is, in place of what the DNS says; undefined: there
 */
export async function policyFaults(
  domain: string,
  records: readonly string[],
  hosts: readonly string[],
  web: Web | undefined,
): Promise<Fault[]> {
  if (idOf(records) === undefined) return [] // senders look no further
  const fetched = await fetchPolicy(domain, web)
  if (!('policy' in fetched)) {
    const { problem, isCertificate } = fetched
    return isCertificate
      ? [{ code: 'sts-certificate', sentence: `mta-sts.${domain} has no certificate that counts: ${problem}`, weight: 2 }]
      : [{ code: 'sts-no-server', sentence: `mta-sts.${domain} hands out no policy: ${problem}`, weight: 2 }]
  }
  const { mode, mx } = fetched.policy
  if (mode === 'none') return []
  return hosts
    .filter((host) => !mx.some((pattern) => matches(host, pattern)))
    .map((host) => ({
      code: 'sts-mx-missing',
      sentence: `the policy of ${domain} does not name its MX host ${host}`,
      weight: mode === 'enforce' ? 2 : 1,
    }))
}
