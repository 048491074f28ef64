/** What an envelope may say besides its addresses. */

/** Facts of an envelope (spec §14.2), in bytes: of the message, of one recipient, and their whole text, which must fit a variable. */
export const messageFactsBytes = 16_384
export const recipientFactsBytes = 1_024
export const factsBytes = 98_304
/** Facts of all recipients of one SMTP transaction, in bytes of that text. */
export const transactionFactsBytes = 65_536
