/** Limits of what is done each day. */

/** Seconds after which daily looks whether something is due, and that a program of it may take. */
export const dailyLookSeconds = 30
export const dailyProgramSeconds = 3_600
/** Bytes of what a program says that a letter to the postmaster has. */
export const dailySaidBytes = 4_096
