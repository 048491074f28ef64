/** Whether the queue has room for a message of the size that its client has said (RFC 1870 §6.1). */
import { queueRoom } from '@yabumi/enqueue'
import { reply } from './replies.ts'
import type { Settings } from './settings.ts'

/** So much is to be left, as a part of the message: its envelope, and what is written beside it. */
const spare = 0.1

/**
 * A program in place of queue may put messages elsewhere, so nobody is asked then.
 *
 * @param sizeBytes - 0 where the client has not said it
 * @returns undefined where nobody is to be asked; else the refusal, or undefined. Never rejects
 */
export function roomRefusal(sizeBytes: number, { environment }: Settings): Promise<string | undefined> | undefined {
  if (sizeBytes === 0 || environment.has('QMAILQUEUE')) return undefined
  return queueRoom().then((room) => (room !== undefined && room < sizeBytes * (1 + spare) ? reply.noRoom : undefined))
}
