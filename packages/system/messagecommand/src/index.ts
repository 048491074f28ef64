/**
 * Run a command on the message on descriptor 0: ask it about the message, or feed it some lines and the message (spec
 * §8.3, §8.4).
 */
export { rewindMessage } from './again.ts'
export { saysYes } from './ask.ts'
export { type Command, type Environment, runShell } from './command.ts'
export { feedCommand, pipeThrough } from './feed.ts'
