/**
 * One package of QMTP: a message, its sender and its recipients, and the answer to each recipient (spec §5.2).
 */
import { withoutRootDot } from '@yabumi/address'
import { type Admission, admits, recipientFault, senderFault } from '@yabumi/admission'
import { nowSeconds } from '@yabumi/dates'
import { type NetstringReader, NetstringTrouble, netstring } from '@yabumi/netstring'
import { RecipientBudget } from '@yabumi/netstringserver'
import { type Ends, receivedField } from '@yabumi/received'
import { Message } from './message.ts'

export interface Policy {
  readonly admission: Admission
  readonly ends: Ends
}

const linefeed = 10
const carriageReturn = 13
/** An address of this length or more is refused, and so is one that holds a NUL or has a fault. */
const addressLimit = 1_000

const unacceptableSender = 'Dunacceptable sender (#5.1.7)'
const tooBig = 'Dsorry, that message size exceeds my databytes limit (#5.3.4)'
const notAllowed = "Dsorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"
const cannotHandle = "Dsorry, I can't handle that recipient (#5.1.3)"

/** A recipient as it goes into the envelope, or what is wrong with it. */
type Verdict = { readonly recipient: string } | { readonly refusal: string }

/** Take one package from the client. @returns the answers, a netstring a recipient. @throws NetstringTrouble, or Trouble of ours */
export async function takePackage(requests: NetstringReader, { admission, ends }: Policy): Promise<string> {
  const message = await takeMessage(requests, admission, ends)
  const sender = await requests.text(await requests.length(), addressLimit - 1)
  await requests.comma()
  const verdicts = await takeRecipients(requests, admission)
  const result = await handOver(message, sender, verdicts)
  return verdicts.map((verdict) => netstring('refusal' in verdict ? verdict.refusal : result)).join('')
}

async function takeMessage(requests: NetstringReader, { databytes }: Admission, ends: Ends): Promise<Message> {
  const length = await requests.length()
  requests.enter(length)
  const encoding = await requests.byte()
  if (encoding !== linefeed && encoding !== carriageReturn) throw new NetstringTrouble('malformed')
  const received = receivedField('QMTP', ends, nowSeconds())
  const message = new Message(received, encoding === carriageReturn, databytes)
  for await (const piece of requests.pieces(length - 1)) await message.take(piece)
  await message.end()
  requests.leave()
  await requests.comma()
  return message
}

async function takeRecipients(requests: NetstringReader, admission: Admission): Promise<Verdict[]> {
  const budget = new RecipientBudget()
  const relay = admission.relayClient ?? ''
  const verdicts: Verdict[] = []
  requests.enter(await requests.length())
  while (requests.left > 0) {
    const length = await requests.length()
    if (length >= requests.left) throw new NetstringTrouble('malformed')
    const address = await requests.text(length, addressLimit - 1 - relay.length)
    await requests.comma()
    budget.spend(address?.length ?? 0)
    verdicts.push(judge(address, admission))
  }
  requests.leave()
  await requests.comma()
  return verdicts
}

function judge(address: string | undefined, admission: Admission): Verdict {
  if (address === undefined) return { refusal: cannotHandle }
  const recipient = withoutRootDot(address)
  if (!admits(admission, recipient)) return { refusal: notAllowed }
  if (recipient.includes('\0') || recipientFault(recipient) !== undefined) return { refusal: cannotHandle }
  return { recipient: recipient + (admission.relayClient ?? '') }
}

/** Queue the message, or take it back. @returns the answer for the recipients that are all right in themselves */
async function handOver(message: Message, sender: string | undefined, verdicts: readonly Verdict[]): Promise<string> {
  const recipients = verdicts.flatMap((verdict) => ('recipient' in verdict ? [verdict.recipient] : []))
  const badSender = sender === undefined || sender.includes('\0') || senderFault(sender) !== undefined
  if (message.isTooBig || badSender || recipients.length === 0) {
    await message.abandon()
    return message.isTooBig ? tooBig : unacceptableSender
  }
  const { verdict, text, qp } = await message.finish(sender, recipients)
  return verdict === 'K' ? `Kok ${nowSeconds()} qp ${qp}` : verdict + text
}
