/** Limits of TLS on the way out. */

/** Certificates on the way from a mail host's own to its trust anchor; those that are looked at of what it presents, and signatures that are verified. */
export const danePathCertificates = 8
export const danePresentedCertificates = 16
export const danePathSteps = 64
/** Longest MTA-STS policy, in bytes, and the longest time for which one counts (RFC 8461 §3.2). */
export const stsPolicyBytes = 65_536
export const stsPolicySeconds = 31_557_600
/** Seconds that a handshake with another host may take. */
export const outwardHandshakeSeconds = 30
/** Addresses at which TLS failed that nobody demanded, and the seconds for which they get none. */
export const brokenTls = 10_000
export const brokenTlsSeconds = 600
/** Seconds that a web server has for its MTA-STS policy, and that the first mail to a domain waits for it. */
export const stsFetchSeconds = 60
export const stsWaitSeconds = 5
/** Policies that are asked for at once, and those that are kept on the disk; the seconds after which the record of one in use is asked for again. */
export const stsFetches = 8
export const stsPolicies = 100_000
export const stsCheckSeconds = 86_400
/** Seconds without mail for a domain after which its policy is not looked after any more. */
export const stsUnusedSeconds = 2_592_000
/** What is kept in a day for reports about TLS, in bytes. */
export const tlsReportBytes = 67_108_864
/** Bytes of a token of OAuth for a relay, and the seconds that a program has to give one. */
export const tokenBytes = 16_384
export const tokenProgramSeconds = 5
