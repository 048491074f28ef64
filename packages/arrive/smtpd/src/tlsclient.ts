/**
 * Clients that their certificate lets in: those that control/tlsclients names, of an authority in control/clientca.pem
 * (spec §16.7).
 *
 * A line is an e-mail address of the certificate, or `SHA256:` and its fingerprint in hexadecimal, with colons or
 * without. After a blank the fingerprint may have a login; an address is one by itself.
 */
import type { X509Certificate } from 'node:crypto'
import type { ExchangeStep } from '@yabumi/loginprotocol'
import { decodeBase64 } from '@yabumi/sasl'
import type { Exchange } from './logins.ts'
import type { Settings } from './settings.ts'

/** The mechanism by which such a client logs in (RFC 4422, Appendix A). */
export const external = 'EXTERNAL'

export interface TlsClient {
  /** Who it is; undefined for a fingerprint without a login. */
  readonly login: string | undefined
}

const fingerprintForm = /^sha256:([0-9a-f:]{64,95})(?:[ \t]+(\S+))?$/i

/** @param lines - of control/tlsclients. @returns undefined if none names it */
export function tlsClientOf(certificate: X509Certificate, lines: readonly string[]): TlsClient | undefined {
  const fingerprint = bare(certificate.fingerprint256)
  for (const line of lines) {
    const [, printed, login] = fingerprintForm.exec(line) ?? []
    if (printed === undefined ? isAddressOf(line, certificate) : bare(printed) === fingerprint)
      return { login: (printed === undefined ? line : login)?.toLowerCase() }
  }
  return undefined
}

function bare(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase()
}

/** Not one with control bytes, which the check would refuse aloud. */
function isAddressOf(line: string, certificate: X509Certificate): boolean {
  return /^[!-~]+$/.test(line) && /.@./.test(line) && certificate.checkEmail(line) !== undefined
}

/** Such a client may send anywhere, unless it is to log in first. */
export function settingsOfTlsClient(client: TlsClient | undefined, settings: Settings): Settings {
  if (client === undefined || settings.login?.required === true) return settings
  const relayClient = settings.relayClient ?? ''
  return { ...settings, relayClient, environment: new Map([...settings.environment, ['RELAYCLIENT', relayClient]]) }
}

/** The exchange, which asks nobody: TLS has shown who it is. */
export function externalExchange(login: string): Exchange {
  const judge = async (response: string): Promise<ExchangeStep> => {
    const wanted = response === '=' ? '' : decodeBase64(response)
    if (wanted === undefined) return { kind: 'malformed' }
    if (wanted !== '' && wanted.toLowerCase() !== login)
      return { kind: 'wrong', login, text: 'another name than in tlsclients', seconds: 0 }
    return { kind: 'right', login }
  }
  return {
    begin: async (_mechanism, initial) => (initial === '' ? { kind: 'challenge', text: '' } : judge(initial)),
    respond: judge,
    close: () => undefined,
  }
}
