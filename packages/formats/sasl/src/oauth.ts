/**
 * OAUTHBEARER (RFC 7628) and XOAUTH2, Google's and Microsoft's form of it: a token that somebody else has given out.
 */
import { isName } from './name.ts'
import { begin, malformed, type ServerMechanism, type ServerStep } from './step.ts'

export type OAuthName = 'OAUTHBEARER' | 'XOAUTH2'

/** `n,a=LOGIN,` in front, with SCRAM's escapes in LOGIN; no channel binding is defined for it. */
const header = /^[ny],(?:a=([^,]*))?,$/
const refusals: Readonly<Record<OAuthName, string>> = {
  OAUTHBEARER: '{"status":"invalid_token","schemes":"bearer","scope":"mail"}',
  XOAUTH2: '{"status":"401","schemes":"bearer","scope":"mail"}',
}

export class OAuthServer implements ServerMechanism {
  readonly #name: OAuthName
  #login: string | undefined

  constructor(name: OAuthName) {
    this.#name = name
  }

  step(response: string | undefined): ServerStep {
    if (this.#login !== undefined) return { kind: 'wrong', login: this.#login, why: 'the token was refused' }
    if (response === undefined) return begin
    const [front = '', ...pairs] = response.split('\x01')
    if (pairs.pop() !== '' || pairs.pop() !== '') return malformed
    const login = this.#name === 'XOAUTH2' ? /^user=(.*)$/s.exec(front)?.[1] : saslName(header.exec(front)?.[1] ?? '')
    const [, token] = /^auth=Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(pairs.find((pair) => pair.startsWith('auth=')) ?? '') ?? []
    if (login === undefined || !isName(login) || token === undefined) return malformed
    this.#login = login
    return { kind: 'token', login, token, refusal: refusals[this.#name] }
  }
}

/** A name as SCRAM writes it: `=2C` is a comma, `=3D` an equals sign (RFC 5802 §5.1). @returns undefined if it is none */
export function saslName(text: string): string | undefined {
  return /=(?!2C|3D)/.test(text) ? undefined : text.replaceAll('=2C', ',').replaceAll('=3D', '=')
}

/** What a client sends first. */
export function oauthResponse(name: OAuthName, login: string, token: string): string {
  const front = name === 'XOAUTH2' ? `user=${login}` : `n,a=${escapedName(login)},`
  return `${front}\x01auth=Bearer ${token}\x01\x01`
}

export function escapedName(login: string): string {
  return login.replaceAll('=', '=3D').replaceAll(',', '=2C')
}
