/** The line of the log about TLS on a connection, which explain reads (packages/relay/rspawn/README.md). */
import { logSafe } from '@yabumi/logline'
import type { TlsSession } from '@yabumi/smtpclient'

/**
 * `192.0.2.1 mx.example.org: tls TLSv1.3 dane-ee(3 1 1) verified`, `... tls failed (REASON), clear text`; and
 * `... no tls (REASON), clear text` of a host that has none.
 */
export function sessionLine({ address, host, version = '', verified, failure, outcome }: TlsSession): string {
  const where = `${address} ${host}:`
  if (failure === undefined) return logSafe(`${where} tls ${verified === undefined ? version : `${version} ${verified} verified`}`)
  const what = failure.type === 'starttls-not-supported' ? 'no tls' : 'tls failed'
  return logSafe(`${where} ${what} (${failure.reason}), ${outcome === 'tls' ? 'which nobody demanded' : outcome}`)
}
