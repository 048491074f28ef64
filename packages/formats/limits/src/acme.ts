/** Limits of getting certificates from an authority. */

/** An answer of its server, in bytes and seconds. */
export const acmeAnswerBytes = 262_144
export const acmeAnswerSeconds = 30
/** What stands of its words in our log, in bytes. */
export const acmeWordsBytes = 500
/** Seconds that an order takes, and after which it is looked at again. */
export const acmeOrderSeconds = 300
export const acmeLookSeconds = 3
/** Seconds that a program has to set a record of the DNS. */
export const acmeProgramSeconds = 300
/** Seconds after the first try in vain, and after many of them. */
export const acmeShortestPauseSeconds = 3_600
export const acmeLongestPauseSeconds = 86_400
