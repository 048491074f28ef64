/** What bounds the look at signatures, and at who may send. */

/** The header of a message whose signatures are looked at, in bytes and in fields. */
export const checkedHeaderBytes = 1_048_576
export const checkedHeaderFields = 10_000
/** Signatures of one message that are verified; bytes of one of them, and fields that it names; bytes of a key record in the DNS. */
export const dkimSignatures = 8
/** Sets of a chain of ARC (RFC 8617 §4.2.1). */
export const arcSets = 50
export const dkimFieldBytes = 65_536
export const dkimSignedNames = 200
export const dkimRecordBytes = 16_384
/** Bits of the RSA keys that count (RFC 8301 §3.2; control/dkimminbits), and of those that count where weak ones are asked for. */
export const dkimSmallestKeyBits = 1_024
export const dkimLargestKeyBits = 4_096
export const dkimSmallestWeakKeyBits = 512
/** Seconds that the clock of a signer may be ahead. */
export const dkimSkewSeconds = 86_400
/** Keys of one domain that are read, and bytes of a key's file. */
export const dkimKeysOfDomain = 50
export const dkimKeyFileBytes = 16_384
/** Domains whose keys are kept in memory, and seconds after which their directory is looked at again. */
export const dkimDomainsKept = 1_000
export const dkimKeysLookSeconds = 10
/** Seconds that a new key's record must have been in the DNS before it takes the place of another one. */
export const dkimSeenSeconds = 3_600
/** Seconds that a signature is good (control/dkimexpire). */
export const dkimLifetimeSeconds = 604_800
/** Signatures that are kept for further attempts, and seconds for which. */
export const keptSignatures = 1_000
export const keptSignatureSeconds = 86_400
/** Terms of SPF records that ask the DNS, and those of them that lead to nothing (RFC 7208 §4.6.4). */
export const spfTerms = 10
export const spfVoidAnswers = 2
/** Mail hosts of a domain, and names of a client, that count. */
export const spfNames = 10
/** Bytes of TXT records that one check of SPF takes, and of an explanation that is passed on. */
export const spfAnswerBytes = 65_536
export const spfExplanationBytes = 200
/** Seconds that one check of SPF takes. */
export const spfSeconds = 20
/** Bytes of a DMARC record, addresses in it, and domains of signatures that are compared with the author's. */
export const dmarcRecordBytes = 16_384
export const dmarcReportAddresses = 10
export const dmarcIdentifiers = 8
/** Seconds that DMARC takes for one message, beyond what SPF, signatures and seals have taken. */
export const dmarcSeconds = 20
/** Bytes of a field Authentication-Results that is looked at, to see in whose name it speaks. */
export const resultsFieldBytes = 65_536
/** Bytes of a message that are kept in memory while it is checked. */
export const heldMessageBytes = 65_536
/** Bytes of the reason in a reply that refuses a message for who vouches for it. */
export const replyReasonBytes = 200
/** Bytes of what is known of a message that goes into its envelope. */
export const resultsFactBytes = 2_048
