/** What a client says for each mechanism, and which one it should take. */
import { cramMd5Digest } from './crammd5.ts'
import { oauthResponse } from './oauth.ts'
import type { ClientMechanism, Credentials } from './response.ts'
import { ScramClient } from './scramclient.ts'

/** Responses that depend on no secret of the server's. */
class Answers implements ClientMechanism {
  readonly initial: string | undefined
  readonly mayBelieve = true
  readonly #further: ((challenge: string) => string)[]

  constructor(initial: string | undefined, ...further: ((challenge: string) => string)[]) {
    this.initial = initial
    this.#further = further
  }

  async respond(challenge: string): Promise<string | undefined> {
    return this.#further.shift()?.(challenge)
  }
}

type Make = (credentials: Credentials, binding: Buffer | undefined) => ClientMechanism

/** The best first. */
const mechanisms: readonly (readonly [name: string, make: Make])[] = [
  ['SCRAM-SHA-256-PLUS', (credentials, binding) => new ScramClient('sha256', true, credentials, binding)],
  ['SCRAM-SHA-256', (credentials, binding) => new ScramClient('sha256', false, credentials, binding)],
  ['SCRAM-SHA-1', (credentials, binding) => new ScramClient('sha1', false, credentials, binding)],
  ['PLAIN', ({ login, secret }) => new Answers(`\0${login}\0${secret}`)],
  [
    'LOGIN',
    ({ login, secret }) =>
      new Answers(
        undefined,
        () => login,
        () => secret,
      ),
  ],
  ['CRAM-MD5', ({ login, secret }) => new Answers(undefined, (challenge) => `${login} ${cramMd5Digest(secret, challenge)}`)],
  ['OAUTHBEARER', ({ login, secret }) => new Answers(oauthResponse('OAUTHBEARER', login, secret), () => '\x01')],
  ['XOAUTH2', ({ login, secret }) => new Answers(oauthResponse('XOAUTH2', login, secret), () => '')],
]

/** What a client may use. */
export interface Choice {
  /** Whether the channel has a binding (TLS 1.3). */
  readonly hasBinding: boolean
  /** Whether nobody else reads along, so that a password may be shown. */
  readonly isPrivate: boolean
  /** Whether the secret is a token. */
  readonly isToken: boolean
}

/** The best mechanism that the server has, for these credentials. @param offered - names, in capitals */
export function bestMechanism(offered: readonly string[], { hasBinding, isPrivate, isToken }: Choice): string | undefined {
  const names = mechanisms.map(([name]) => name).filter((name) => name.includes('OAUTH') === isToken)
  const fits = (name: string): boolean =>
    offered.includes(name) && (hasBinding || !name.endsWith('-PLUS')) && (isPrivate || /^(?:SCRAM|CRAM)-/.test(name))
  return names.find(fits)
}

/**
 * @param name - as bestMechanism() gave it
 * @param binding - of `tls-exporter` (RFC 9266); undefined where TLS is older than 1.3, or is not there
 * @throws RangeError for a mechanism that there is not
 */
export function startClient(name: string, credentials: Credentials, binding: Buffer | undefined): ClientMechanism {
  const make = mechanisms.find(([each]) => each === name)?.[1]
  if (make === undefined) throw new RangeError(`there is no mechanism ${name}`)
  return make(credentials, binding)
}
