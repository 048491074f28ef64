/** A front: many clients that log in by one event loop, each of which another program serves then. */

export type { Behind, Knock, Visitor } from './behind.ts'
export { answerTo, ByLogin, type Phrases, tellOutcome } from './bylogin.ts'
export { type Connection, underTls } from './connection.ts'
export { type Dialogue, type ResidentOptions, serveNetwork } from './resident.ts'
