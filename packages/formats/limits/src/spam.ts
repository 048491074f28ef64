/** Limits on what strangers do at the door. */

/** Clients' networks that smtpd counts within a minute, and within ten. */
export const rateClients = 65_536
/** Seconds within which messages and recipients of one client's network count (messagerateperip, recipientrateperip). */
export const messageRateSeconds = 600
/** Seconds that lists in the DNS have to answer about a client; and those after which one is tested again that counts, and one that does not. */
export const dnsListSeconds = 5
export const dnsListTestSeconds = 86_400
export const dnsListTroubleSeconds = 60
/** What others say that stands in a reply of ours, in bytes. */
export const replyTextBytes = 200
