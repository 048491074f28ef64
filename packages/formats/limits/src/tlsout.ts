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
