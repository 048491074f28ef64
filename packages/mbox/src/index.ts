/** mbox files: one file of many messages, each behind a `From ` line (spec §2.7.5). */
export { appendToMbox, type MessageBytes } from './append.ts'
