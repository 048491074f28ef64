/** What is looked at of a message's parts before it is sent without bytes above 127. */

/** Multiparts and messages one inside the other; what lies deeper must stay as it is. */
export const mimeDepth = 32
/** Parts of a message that is changed. */
export const mimeParts = 10_000
/** A line is looked at in fragments of so many bytes. */
export const mimeLineBytes = 1_024
/** Longest field that can say what a part is, in bytes. */
export const mimeFieldBytes = 16_384
