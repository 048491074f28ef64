/** Keep a message until it is known what goes on top of it. */
export { HeldMessage } from './heldmessage.ts'
