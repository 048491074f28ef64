/** What qread says about one message. The working directory is queue/. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { dateAndTime } from '@yabumi/dates'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { errnoOf, errorText } from '@yabumi/trouble'

/** Which messages have a file in bounce/, local/ and remote/: asking for each by itself would cost more than the rest. */
export interface Present {
  readonly bounce: ReadonlySet<MessageId>
  readonly local: ReadonlySet<MessageId>
  readonly remote: ReadonlySet<MessageId>
}

/** The lines for a message; a warning if it cannot be read, nothing if it has ended since its directory was listed. */
export function describe(id: MessageId, present: Present): string {
  try {
    const info = readQueueFile(queuePath('info', id))
    if (info === undefined) return ''
    const [sender, ...more] = info.text.split('\0')
    if (sender === undefined || sender[0] !== 'F' || more.length === 0) throw new Error('not an info file')
    const size = statSync(queuePath('mess', id)).size
    const bouncing = present.bounce.has(id) ? ' bouncing' : ''
    const top = `${dateAndTime(info.mtimeSeconds)} GMT  #${id}  ${size}  <${printable(sender.slice(1))}> ${bouncing}\n`
    return top + recipients('local', id, present) + recipients('remote', id, present)
  } catch (error) {
    return `warning: trouble with #${id}: ${errorText(error)}\n`
  }
}

function recipients(channel: 'local' | 'remote', id: MessageId, present: Present): string {
  const file = present[channel].has(id) ? readQueueFile(queuePath(channel, id)) : undefined
  let lines = ''
  for (const record of file?.text.split('\0').slice(0, -1) ?? []) {
    if (record[0] === 'T') lines += `\t${channel}\t${printable(record.slice(1))}\n`
    else if (record[0] === 'D') lines += `  done\t${channel}\t${printable(record.slice(1))}\n`
  }
  return lines
}

const buffer = Buffer.allocUnsafe(65_536)

/** A whole file as a byte string; undefined if there is none (any more). */
function readQueueFile(path: string): { text: string; mtimeSeconds: number } | undefined {
  const fd = openOrMissing(path)
  if (fd === undefined) return undefined
  try {
    let text = ''
    let length: number
    do {
      length = readSync(fd, buffer)
      text += buffer.toString('latin1', 0, length)
    } while (length === buffer.length)
    return { text, mtimeSeconds: Math.floor(fstatSync(fd).mtimeMs / 1000) }
  } finally {
    closeSync(fd)
  }
}

function openOrMissing(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function printable(address: string): string {
  return address.replace(/[^ -~]/g, '_')
}
