/** What queue would be given: a message on descriptor 0, its envelope on descriptor 1 (spec §2.1). */
import { piecesOf } from '@yabumi/descriptor'
import { qmqpcAddressBytes, qmqpcMessageBytes } from '@yabumi/limits'
import { netstring } from '@yabumi/netstring'
import { exitCode, QmqpcTrouble } from './exitcode.ts'

export interface Message {
  readonly pieces: readonly Buffer[]
  readonly length: number
}

/** The whole message: its length goes in front of it. @throws QmqpcTrouble */
export async function readMessage(): Promise<Message> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of readable(0)) {
    length += piece.length
    if (length > qmqpcMessageBytes) throw new QmqpcTrouble(exitCode.outOfMemory)
    pieces.push(piece)
  }
  return { pieces, length }
}

/** The sender and the recipients of the envelope, a netstring each. What follows its end is not looked at. @throws QmqpcTrouble */
export async function readEnvelope(): Promise<string> {
  let addresses = ''
  let rest = ''
  for await (const piece of readable(1)) {
    const records = (rest + piece.toString('latin1')).split('\0')
    rest = records.pop() ?? ''
    for (const record of records) {
      if (record === '' && addresses !== '') return addresses
      if (record[0] !== (addresses === '' ? 'F' : 'T')) throw new QmqpcTrouble(exitCode.format)
      addresses += netstring(record.slice(1))
    }
    if (rest.length > qmqpcAddressBytes) throw new QmqpcTrouble(exitCode.addressTooLong)
    if (addresses.length > qmqpcMessageBytes) throw new QmqpcTrouble(exitCode.outOfMemory)
  }
  throw new QmqpcTrouble(exitCode.format)
}

async function* readable(fd: number): AsyncGenerator<Buffer, void> {
  try {
    yield* piecesOf(fd)
  } catch (cause) {
    throw new QmqpcTrouble(exitCode.readError, { cause })
  }
}
