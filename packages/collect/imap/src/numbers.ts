/** Commands with message numbers in them. */

/** With message numbers that a client does without who has enabled UIDONLY (RFC 9586 §3). */
export const needsNumbers: ReadonlySet<string> = new Set(['FETCH', 'STORE', 'COPY', 'MOVE', 'SEARCH', 'SORT', 'THREAD', 'REPLACE'])
/** Why such a command is refused. */
export const uidRequired = '[UIDREQUIRED] messages are named by UID only'

/** With message numbers in what they ask or answer: no number may change under them (RFC 9051 §7.5.1). */
export const keepsNumbers: ReadonlySet<string> = new Set(['FETCH', 'STORE', 'SEARCH', 'SORT', 'THREAD'])
