/** What is looked at of a message that somebody reads; what lies beyond is opaque. */

/** Parts of parts. */
export const readDepth = 50
/** Parts of one message. */
export const readParts = 5_000
/** Bytes of all fields of a message that say something of it or its parts. */
export const readFieldBytes = 1_048_576
/** Pieces of parameters that are continued, in one field. */
export const mimePieces = 100
/** Characters of a preview; and bytes of a text that are read for one. */
export const previewCharacters = 200
export const previewBytes = 65_536
/** Previews that a session of IMAP keeps, for clients that ask for those that cost nothing. */
export const previewsKept = 1_000
