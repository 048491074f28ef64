/** Send the message on: one submission to queue for all addresses (spec §2.7.5, forward). */
import { openSubmission } from '@yabumi/enqueue'
import { cannotForward, cannotRead } from './failure.ts'

/** What is handed to queue. */
export interface Forwarding {
  readonly sender: string
  readonly recipients: readonly string[]
  /** What goes in front of the message. */
  readonly head: Buffer
  readonly message: Buffer | AsyncIterable<Buffer>
  /** For a queue program, and where QMAILQUEUE is looked up. */
  readonly environment: ReadonlyMap<string, string>
}

/**
 * Hand a message to queue.
 *
 * @returns the number after `qp`
 * @throws Failure if queue does not take it
 */
export async function forward({ sender, recipients, head, message, environment }: Forwarding): Promise<string> {
  const submission = openSubmission({ environment, ownHops: 1 })
  async function write(piece: Buffer): Promise<void> {
    if (!submission.write(piece)) await submission.drained()
  }
  try {
    await write(head)
    if (Buffer.isBuffer(message)) await write(message)
    else for await (const piece of message) await write(Buffer.from(piece))
  } catch (cause) {
    await submission.abandon()
    throw cannotRead(cause)
  }
  const { verdict, text, qp } = await submission.finish(sender, recipients)
  if (verdict !== 'K') throw cannotForward(verdict === 'D' ? 100 : 111, text)
  return qp
}
