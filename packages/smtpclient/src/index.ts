/**
 * Send a message to another host by SMTP and report on it exactly as qmail-remote does (spec §2.8).
 *
 * deliver() is all of it for one message. The parts are for rspawn, which shares connections between messages.
 */
export { type Addresses, findMailAddresses } from './addresses.ts'
export { type Binding, bindingOf, localAddressFor } from './binding.ts'
export type { Connection } from './connection.ts'
export { converse, type Ending, hangUp, type Mail, stale } from './conversation.ts'
export { deliver, type Job } from './deliver.ts'
export { type ConnectionSource, openConnection, openSocket } from './open.ts'
export { recipientReport, sendByQmtp } from './qmtp.ts'
export { type Route, routeOf } from './route.ts'
export { currentSettings, type Settings } from './settings.ts'
export * as texts from './texts.ts'
