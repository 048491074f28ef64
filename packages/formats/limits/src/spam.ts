/** Limits on what strangers do at the door. */

/** Clients' networks that smtpd counts within a minute, and within ten. */
export const rateClients = 65_536
/** Seconds within which messages and recipients of one client's network count (messagerateperip, recipientrateperip). */
export const messageRateSeconds = 600
