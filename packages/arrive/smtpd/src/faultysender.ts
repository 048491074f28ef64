/** What is said of a sender whose address is no good. */
import type { AddressFault } from '@yabumi/admission'
import { type Reaction, reply } from './replies.ts'

export const faultySender: Readonly<Record<AddressFault, Reaction>> = {
  nobody: { reply: reply.nobodysSender },
  domain: { reply: reply.badSenderDomain },
}
