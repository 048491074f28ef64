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
/** Seconds for a filter (control/milters) to be reached, to answer each command, and to answer at the end of a message. */
export const milterConnectSeconds = 30
export const milterCommandSeconds = 30
export const milterContentSeconds = 300
/** Longest packet that a filter may send, in bytes, and how many it may send at the end of a message beside those of a body. */
export const milterPacketBytes = 1_048_576
export const milterReplies = 10_000
/** Longest header that filters see or make, in bytes, and its most fields. */
export const milterHeaderBytes = 1_048_576
export const milterFields = 10_000
/** Seconds for which a greylisted stranger is put off, those within which it has to come back, and days for which it passes then. */
export const greylistDelaySeconds = 60
export const greylistRetrySeconds = 172_800
export const greylistPassDays = 36
/** Entries of the greylist, and those of one network that wait. */
export const greylistEntries = 1_000_000
export const greylistPerNetwork = 1_000
/** Entries of a network that have passed, after which all of it passes. */
export const greylistKnownNetwork = 5
/** Seconds between two lines about a table that is full, and between two writes about one that passes. */
export const greylistFullSeconds = 3_600
/** Addresses that got mail, of which is kept that they did; as many again are kept of older ones. */
export const correspondents = 100_000
