/** Hand a message to queue: one interface, whether queue is resident at its socket or a program to run (spec §2.2). */

export { type Answer, answerFrame, QueueConnection, roomFrame } from './connection.ts'
export { FrameError, FrameReader, frame, frameHeader, type Letter } from './frames.ts'
export { type Outcome, outcomeOf } from './outcome.ts'
export { connectToQueue, queueSocketName } from './pool.ts'
export { queueRoom } from './room.ts'
export { openSubmission, type Submission, type SubmissionOptions } from './submission.ts'
