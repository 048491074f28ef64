/**
 * The one request of a QMQP connection: a netstring that holds the message, its sender and its recipients (spec §5.3).
 */
import { recipientFault } from '@yabumi/admission'
import { nowSeconds } from '@yabumi/dates'
import { openSubmission, type Submission } from '@yabumi/enqueue'
import type { NetstringReader } from '@yabumi/netstring'
import { RecipientBudget } from '@yabumi/netstringserver'
import { type Ends, receivedField } from '@yabumi/received'

/** An address of this length or more is refused, and so is one that holds a NUL or has a fault. */
const addressLimit = 1_000
const unacceptable = "Dsorry, I can't accept addresses like that (#5.1.3)"
/** In front of the request there is a length, and no length has that many digits. */
const lengthBytes = 100

/** Take the request and queue its message. @returns the answer. @throws NetstringTrouble */
export async function takeRequest(requests: NetstringReader, ends: Ends): Promise<string> {
  requests.enter(lengthBytes)
  requests.enter(await requests.length())
  const submission = await takeMessage(requests, receivedField('QMQP', ends, nowSeconds()))
  const sender = await takeSender(requests)
  const recipients = await takeRecipients(requests)
  requests.leave()
  await requests.comma()
  if (sender === undefined || recipients === undefined) {
    await submission.abandon()
    return unacceptable
  }
  const { verdict, text, qp } = await submission.finish(sender, recipients)
  return verdict === 'K' ? `Kok ${nowSeconds()} qp ${qp}` : verdict + text
}

/** The message goes to queue as it is, behind the Received field; a small one in one write. */
async function takeMessage(requests: NetstringReader, received: string): Promise<Submission> {
  const submission = openSubmission({ role: 'network', ownHops: 1 })
  let top: Buffer = Buffer.from(received, 'latin1')
  for await (const piece of requests.pieces(await requests.length())) {
    const room = submission.write(top.length === 0 ? piece : Buffer.concat([top, piece]))
    top = Buffer.alloc(0)
    if (!room) await submission.drained()
  }
  if (top.length > 0) submission.write(top)
  await requests.comma()
  return submission
}

/** An address, which may be empty; that of bounces of bounces too, for a client is another host's queue. */
async function takeSender(requests: NetstringReader): Promise<string | undefined> {
  const length = await requests.length()
  if (length > 0) return takeAddress(requests, length)
  await requests.comma()
  return ''
}

/** An address, or undefined for one that cannot be accepted. */
async function takeAddress(requests: NetstringReader, length: number): Promise<string | undefined> {
  const address = await requests.text(length, addressLimit - 1)
  await requests.comma()
  return address === undefined || address.includes('\0') || recipientFault(address) !== undefined ? undefined : address
}

/** What is left of the request; undefined if one of them cannot be accepted, or if there is none: nobody would hear of the message. */
async function takeRecipients(requests: NetstringReader): Promise<string[] | undefined> {
  const budget = new RecipientBudget()
  const recipients: string[] = []
  let acceptable = true
  while (requests.left > 0) {
    const recipient = await takeAddress(requests, await requests.length())
    budget.spend(recipient?.length ?? 0)
    if (recipient === undefined) acceptable = false
    else recipients.push(recipient)
  }
  return acceptable && recipients.length > 0 ? recipients : undefined
}
