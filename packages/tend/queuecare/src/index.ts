/**
 * Choose messages of the queue, and have it changed: for qrm, qhold, qrelease and qretry.
 *
 * Nothing is changed under the hands of a send that runs: it is asked, and answers (package retrytimes).
 */
export { type Command, dryRun, readCommand, type Special } from './command.ts'
export { type Answer, Desk, isSame, type Manner, type Target, timeOf } from './desk.ts'
export { type Change, reschedule } from './reschedule.ts'
export { type ChannelTime, type PartSelection, type Selected, type SelectOrder, selectPart } from './select.ts'
export { ageOf, describe } from './words.ts'
