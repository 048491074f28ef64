/**
 * How somebody is logged in. The front, which speaks to the client, asks authd, which knows the passwords. authd asks
 * sessiond, which can become a user.
 *
 * README.md has the records.
 */

export { LoginAttempt, type Outcome, type ParkedSession, type Proof, type Session } from './attempt.ts'
export { Conversation } from './conversation.ts'
export { askMechanisms, type ExchangeStep, LoginExchange, type Service } from './exchange.ts'
export { type Answering, CallerSocket } from './listen.ts'
export type { LoginRecord } from './record.ts'
export { authSocket, foreverSeconds, sessionSocket } from './words.ts'
