/** What qread says about one message. The working directory is queue/. */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs'
import { dateAndTime } from '@yabumi/dates'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { errnoOf, errorText } from '@yabumi/trouble'

interface Info {
  readonly sender: string
  readonly birthSeconds: number
}

/** The lines for a message; a warning if it cannot be read, nothing if it has ended since its directory was listed. */
export function describe(id: MessageId): string {
  try {
    const info = readInfo(id)
    if (info === undefined) return ''
    const size = statSync(queuePath('mess', id)).size
    const bouncing = existsSync(queuePath('bounce', id)) ? ' bouncing' : ''
    const top = `${dateAndTime(info.birthSeconds)} GMT  #${id}  ${size}  <${printable(info.sender)}> ${bouncing}\n`
    return top + recipients('local', id) + recipients('remote', id)
  } catch (error) {
    return `warning: trouble with #${id}: ${errorText(error)}\n`
  }
}

function readInfo(id: MessageId): Info | undefined {
  const fd = openOrMissing(queuePath('info', id))
  if (fd === undefined) return undefined
  try {
    const birthSeconds = Math.floor(fstatSync(fd).mtimeMs / 1000)
    const [record, ...more] = readFileSync(fd).toString('latin1').split('\0')
    if (record === undefined || record[0] !== 'F' || more.length === 0) throw new Error('not an info file')
    return { sender: record.slice(1), birthSeconds }
  } finally {
    closeSync(fd)
  }
}

function recipients(channel: 'local' | 'remote', id: MessageId): string {
  const fd = openOrMissing(queuePath(channel, id))
  if (fd === undefined) return ''
  try {
    const records = readFileSync(fd).toString('latin1').split('\0').slice(0, -1)
    let lines = ''
    for (const record of records) {
      if (record[0] === 'T') lines += `\t${channel}\t${printable(record.slice(1))}\n`
      else if (record[0] === 'D') lines += `  done\t${channel}\t${printable(record.slice(1))}\n`
    }
    return lines
  } finally {
    closeSync(fd)
  }
}

/** An exception costs more than the rest, and most messages have no file in one of the channels: so look first. */
function openOrMissing(path: string): number | undefined {
  if (!existsSync(path)) return undefined
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
