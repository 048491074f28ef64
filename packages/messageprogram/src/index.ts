/**
 * What the programs of a .qmail line share: the message is on descriptor 0, and they ask a command about it, feed it to
 * a command, or send it on (spec §8.3, §8.4).
 */

export { rewindMessage } from './again.ts'
export { saysYes } from './ask.ts'
export { type Command, type Environment, runShell } from './command.ts'
export { feedCommand, pipeThrough } from './feed.ts'
export { required, sendOn } from './sendon.ts'
