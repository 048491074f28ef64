/** Ask filters about a message, as sendmail and Postfix ask theirs: the milter protocol (spec §18). */
export type { Origin } from './conversation.ts'
export type { Draft, Store } from './draft.ts'
export type { Judgement } from './judge.ts'
export { type Milter, parseMilter, readMilters } from './settings.ts'
