/** mbox files: one file of many messages, each after a `From ` line (spec §2.7.5). */
export { appendToMbox, type MessageBytes, mboxProblem } from './append.ts'
export { MboxInUse, withMbox } from './locked.ts'
export { FromQuoter } from './quote.ts'
export { digestOf, type MboxMessage, NotMbox, scanMbox } from './read.ts'
export { recoverMbox, removeMessages } from './remove.ts'
