/** Limits of what is handed out, and asked for, by HTTP. */

/** Connections that webfiles keeps open at once, and those of one client. */
export const webConnections = 200
export const webConnectionsPerClient = 20
/** Seconds for which one lasts, whatever it does. */
export const webConnectionSeconds = 20
/** A request, in bytes: its header, and its body. */
export const webHeaderBytes = 8_192
export const webBodyBytes = 16_384
/** What an authority wants to see at an address, in bytes. */
export const challengeBytes = 1_024
