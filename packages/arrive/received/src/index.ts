/** The connection that a message came by, and the field that says so. */
export { type Ends, endsOf, type Hop, receivedField } from './received.ts'
