/** What an IMAP client may write in one command. */

/** Its lines without the literals, in bytes. */
export const imapLineBytes = 65_535
/** All its literals that are no messages, in bytes; and before somebody has logged in. */
export const imapLiteralBytes = 65_536
export const imapLoginLiteralBytes = 4_096
/** Parentheses one inside the other. */
export const imapNesting = 32
/** Keys of a search. */
export const imapSearchKeys = 1_000
/** Ranges of a set, after those that touch are one. */
export const imapSetRanges = 10_000
