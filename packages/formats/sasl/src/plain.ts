/** PLAIN (RFC 4616): `authzid NUL authcid NUL password`. */
import { isName } from './name.ts'
import { begin, malformed, type ServerMechanism, type ServerStep } from './step.ts'

export class PlainServer implements ServerMechanism {
  step(response: string | undefined): ServerStep {
    if (response === undefined) return begin
    const [asked = '', login = '', password, ...more] = response.split('\0', 4)
    if (password === undefined || more.length > 0 || !isName(login)) return malformed
    if (asked !== '' && asked !== login) return { kind: 'wrong', login, why: 'wants to act for somebody else' }
    return passwordStep(login, password)
  }
}

/** Nobody is asked about an empty password: some directories take it for a login without one. */
export function passwordStep(login: string, password: string): ServerStep {
  return password === '' ? { kind: 'wrong', login, why: 'an empty password' } : { kind: 'password', login, password }
}
