/** A client that has not logged in: its lines, what it finds at the door, and what it leaves in the log. */
export { Client, type NoLine } from './client.ts'
export { ClientLog } from './clientlog.ts'
export { type Answer, type Credentials, type Sasl, type Terms, type TlsTerms, tlsBegins } from './terms.ts'
