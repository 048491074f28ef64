/**
 * info/: a message's sender and its facts, and as its mtime the time of its birth (spec §1.2, §14.3).
 */
import { closeSync, constants, fstatSync, fsyncSync, futimesSync, openSync, readSync, writeSync } from 'node:fs'
import { InfoFacts } from '@yabumi/facts'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { Trouble } from '@yabumi/trouble'

export interface Info {
  readonly sender: string
  readonly facts: InfoFacts
  /** Its sender has heard that it waits. */
  readonly warned: boolean
  /** Seconds since 1970. */
  readonly birth: number
}

const letterF = 'F'.charCodeAt(0)
/** Of a file that is longer no facts are read: nobody's facts take so much. */
const longestFacts = 1_048_576

/**
 * Read it.
 *
 * @throws the system's error, or Trouble if the file does not begin with a whole sender record
 */
export function readInfo(id: MessageId): Info {
  const fd = openSync(`queue/${queuePath('info', id)}`, 'r')
  try {
    const birth = Math.floor(fstatSync(fd).mtimeMs / 1000)
    let bytes: Buffer = Buffer.alloc(2048)
    let length = 0
    for (;;) {
      length += readSync(fd, bytes, length, bytes.length - length, null)
      if (length < bytes.length || length >= longestFacts) break
      bytes = Buffer.concat([bytes, Buffer.alloc(bytes.length)])
    }
    const end = bytes.subarray(0, length).indexOf(0)
    if (end <= 0 || bytes[0] !== letterF) throw new Trouble('4.3.0', 'info file does not begin with a sender')
    const records = length < longestFacts ? bytes.toString('latin1', end + 1, length) : ''
    return { sender: bytes.toString('latin1', 1, end), birth, facts: InfoFacts.read(records), warned: isWarned(records) }
  } finally {
    closeSync(fd)
  }
}

const warnedRecord = 'Adelayed\0'

/** Write down that the sender has heard of it. The time of the file is that of the message's birth. @throws the system's error */
export function markWarned(id: MessageId, birth: number): void {
  const fd = openSync(`queue/${queuePath('info', id)}`, constants.O_WRONLY | constants.O_APPEND)
  try {
    writeSync(fd, warnedRecord)
    futimesSync(fd, birth, birth)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** @param records - of info/, behind the sender's */
function isWarned(records: string): boolean {
  return `\0${records}`.includes(`\0${warnedRecord}`)
}
