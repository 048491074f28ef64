/** How long things take (spec §1.6), in seconds. What breaks if one changes is said where it is used. */

/** Longest interval between two scans of todo/: makes a lost pull of the trigger harmless. */
export const todoSeconds = 1_500
/** Pause between two sweeps of mess/. */
export const sweepSeconds = 76_431
/** Until another try after trouble with the file system. */
export const sysfailSeconds = 123
/** Until another try where nothing works without: a directory that cannot be opened, a bounce that cannot be written. */
export const sleepSeconds = 10
/** Longest sleep: clocks are set, machines are suspended, and timers do not notice. */
export const longestSleepSeconds = 60
