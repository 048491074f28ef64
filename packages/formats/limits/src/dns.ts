/** Limits of looking something up in the DNS. */

/** Questions that a program has open at once; others wait. */
export const dnsQuestions = 500
/** Seconds for which servers may be silent, all together, before there is no answer. */
export const dnsSeconds = 12
/** Answers that are kept, and the longest time for one, in seconds. */
export const dnsAnswers = 10_000
export const dnsAnswerSeconds = 3_600
