/** Hand the message on descriptor 0 to queue for new recipients (spec §8.4). */
import { addressesIn, splitAddress } from '@yabumi/address'
import { openSubmission, type Submission } from '@yabumi/enqueue'
import { messagePieces } from '@yabumi/files'
import { errorText, Trouble } from '@yabumi/trouble'

/**
 * Send the message on, from where descriptor 0 stands, behind `head`.
 *
 * @param head - the Delivered-To line, by which loops are found, and what else goes in front
 * @param names - the recipients, as a dotfile's forward line has them where they have the marks of a list: `a@x,b@y`, `Joe <a@x>`
 * @returns the number after `qp`
 * @throws Trouble 5.1.3 if a recipient is nobody: the message would be gone; else with queue's text; 5.x.x if trying again is no use
 */
export async function sendOn(head: string, sender: string, names: readonly string[]): Promise<string> {
  const recipients = names.flatMap(recipientsIn)
  if (recipients.length === 0 || recipients.some(isNobody)) throw new Trouble('5.1.3', 'no address')
  const submission = openSubmission({ ownHops: 1 })
  submission.write(Buffer.from(head, 'latin1'))
  await copyMessage(submission)
  const { verdict, text, qp } = await submission.finish(sender, recipients)
  if (verdict !== 'K') throw new Trouble(verdict === 'D' ? '5.3.0' : '4.3.0', text)
  return qp
}

/** @throws Trouble 5.1.3 if it is half an address, or something in it is none */
function recipientsIn(name: string): readonly string[] {
  if (!/[,;<>()"\0\r\n]/.test(name)) return [name]
  const found = addressesIn(name)
  if (found === undefined) throw new Trouble('5.1.3', `no address: ${name}`)
  return found
}

/** Whether an address has no name in front of its @, or is none: what a variable of the shell leaves that is not set. */
function isNobody(address: string): boolean {
  return splitAddress(address).local.trim() === ''
}

async function copyMessage(submission: Submission): Promise<void> {
  try {
    for await (const piece of messagePieces(0)) {
      if (!submission.write(piece)) await submission.drained()
    }
  } catch (cause) {
    await submission.abandon()
    throw new Trouble('4.3.0', `unable to read message: ${errorText(cause)}`, { cause })
  }
}
