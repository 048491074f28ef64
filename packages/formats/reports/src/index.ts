/** Reports that domains send each other: about DMARC (RFC 9990), TLS (RFC 8460), and complaints (RFC 5965). */
export { type AbuseReport, readAbuseReport } from './abuse.ts'
export { type AuthResult, type DmarcReport, type DmarcRow, readDmarcReport } from './dmarc.ts'
export { readTlsReport, type TlsFailure, type TlsPolicy, type TlsReport, writeTlsReport } from './tls.ts'
export { unpack } from './unpack.ts'
export { writeDmarcReport } from './writedmarc.ts'
