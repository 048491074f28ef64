/** Limits of TLS in servers. */

/** A file with a certificate and its key, in bytes: some 20 certificates. */
export const certificateBytes = 65_536
/** Names that have a certificate of their own, in control/servercerts and in state/acme. */
export const certificateNames = 1_000
/** Seconds that a client has for a TLS handshake, and after which certificates are looked at again. */
export const tlsHandshakeSeconds = 30
/** Seconds after which a handshake gives way, where smtpd is full and its client has most of the places. */
export const tlsHandshakeRestSeconds = 5
export const tlsRereadSeconds = 30
/** Handshakes of one client's network within a minute (control/tlsrateperip), and networks that are counted. */
export const tlsHandshakesPerMinute = 60
export const tlsRateClients = 65_536
/** Hours that a client may begin with an old session's secrets (control/tlstickets). */
export const tlsTicketHours = 12
/** What binds a login to a connection, in bytes (RFC 9266 §4.2). */
export const tlsBindingBytes = 32
