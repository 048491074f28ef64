/**
 * Send a message to another host by SMTP and report on it exactly as qmail-remote does (spec §2.8).
 *
 * deliver() is all of it for one message. The parts are for rspawn, which shares connections between messages.
 */

export { type Addresses, findMailAddresses, type Target } from './addresses.ts'
export { attempt, deadlineFor } from './attempt.ts'
export { wayOf } from './authsenders.ts'
export { type Binding, bindingOf } from './binding.ts'
export type { Connection } from './connection.ts'
export { type Ending, hangUp, type Mail, type Recipient } from './conversation.ts'
export { deliver, type Job, reportOfError } from './deliver.ts'
export { openSocket, type Peer, type PeerAt, type Way } from './open.ts'
export { lookAfterPolicies } from './policies.ts'
export { recipientReport, sendByQmtp } from './qmtp.ts'
export { type Route, routeOf } from './route.ts'
export { withLogin } from './routepasswords.ts'
export { demandsKey, keepForReport, type Listener, type Security, securityFor, securityOf, type TlsSession } from './security.ts'
export { currentSettings, type Settings } from './settings.ts'
export * as texts from './texts.ts'
