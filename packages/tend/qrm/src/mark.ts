/**
 * Mark recipients as done, as send does when they are: a D in place of the T, so that send finishes the message by
 * itself.
 *
 * Written through a descriptor that was opened before the message was seen to be the same: its number may be another
 * one's by now.
 *
 * Crash   between the text of a bounce and its D: the recipient is still to do, and may be reported as removed all the
 *         same
 */
import { closeSync, constants, fsyncSync, readSync, writeSync } from 'node:fs'
import type { ConstMap } from '@yabumi/control'
import { writeAll } from '@yabumi/files'
import { isSame, type Selected } from '@yabumi/queuecare'
import { openQueueFile, queuePath } from '@yabumi/queuedir'
import { type Channel, channels } from '@yabumi/queueview'
import { bounceParagraph } from '@yabumi/routing'
import { errnoOf } from '@yabumi/trouble'

/** What the sender is told of each recipient. */
const notice = 'The administrator has removed this message from the queue. (#5.7.1)\n'

/**
 * Mark the recipients of a message that are meant.
 *
 * @param virtualDomains - to tell the sender, in a bounce; the message must be held then
 * @returns false if the message is not there any more
 */
export function markDone(message: Selected, virtualDomains: ConstMap | undefined): boolean {
  const open = openChannels(message)
  try {
    if (!isSame(message)) return false
    if (virtualDomains !== undefined) record(message, virtualDomains)
    for (const { channel, address, position } of message.recipients) {
      const fd = open.get(channel as Channel)
      if (fd !== undefined && position !== undefined) mark(fd, position, address)
    }
    return true
  } finally {
    for (const fd of open.values()) closeSync(fd)
  }
}

function openChannels({ id, recipients }: Selected): Map<Channel, number> {
  const open = new Map<Channel, number>()
  for (const channel of channels) {
    if (!recipients.some((recipient) => recipient.channel === channel)) continue
    try {
      open.set(channel, openQueueFile(queuePath(channel, id), constants.O_RDWR).fd)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
    }
  }
  return open
}

/** Only where the record is what it was. */
function mark(fd: number, position: number, address: string): void {
  const record = Buffer.alloc(address.length + 2)
  if (readSync(fd, record, 0, record.length, position) < record.length) return
  if (record.toString('latin1') === `T${address}\0`) writeSync(fd, 'D', position, 'latin1')
}

function record({ id, recipients }: Selected, virtualDomains: ConstMap): void {
  const text = recipients.map(({ address }) => bounceParagraph(address, notice, virtualDomains)).join('')
  const bytes = Buffer.from(text, 'latin1')
  const { fd } = openQueueFile(queuePath('bounce', id), constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT)
  try {
    writeAll(fd, bytes)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
