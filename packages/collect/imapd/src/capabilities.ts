/** What IMAP has before login (RFC 9051 §6.1.1). IDLE stands there because some clients look for it nowhere else. */
import type { Terms } from '@yabumi/loginclient'

/** Their names in one line: TLS where the client may ask for it, mechanisms where it may use them. */
export async function capabilitiesOf({ tls, sasl }: Pick<Terms, 'tls' | 'sasl'>): Promise<string> {
  const mechanisms = (await sasl?.mechanisms()) ?? []
  return [
    'IMAP4rev1 SASL-IR ID ENABLE IDLE LITERAL+',
    ...(typeof tls === 'object' ? ['STARTTLS'] : []),
    ...(sasl === undefined ? ['LOGINDISABLED'] : mechanisms.map((name) => `AUTH=${name}`)),
  ].join(' ')
}
