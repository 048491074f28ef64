/**
 * Hand a message to queue: one interface, whether queue is resident behind its socket or a program to run (spec §2.2).
 */

export { type Outcome, outcomeOf } from './outcome.ts'
export { openSubmission, type Submission, type SubmissionOptions } from './submission.ts'
