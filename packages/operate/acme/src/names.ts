/** The names that need a certificate where nobody has listed them. */
import { Announced } from '@yabumi/announced'

/**
 * This host, and where a policy is handed out the host `mta-sts.` of each domain of ours.
 *
 * @throws Trouble 4.3.0, 4.3.5 if control/ cannot be read
 */
export function readNames(): string[] {
  const announced = new Announced((line) => {
    throw new Error(line)
  })
  const { host, policy } = announced
  return [host, ...(policy === undefined ? [] : announced.domains.filter((domain) => domain !== host).map((domain) => `mta-sts.${domain}`))]
}
