/**
 * How somebody is logged in: the front, who speaks to the client, asks authd, who knows the passwords; authd asks sessiond, who can become a user.
 *
 * README.md has the records.
 */

export { LoginAttempt, type Outcome, type Proof, type Session } from './attempt.ts'
export { Conversation } from './conversation.ts'
export { askMechanisms, type ExchangeStep, LoginExchange, type Service } from './exchange.ts'
export { type Answering, CallerSocket } from './listen.ts'
export type { LoginRecord } from './record.ts'
export { authSocket, sessionSocket } from './words.ts'
