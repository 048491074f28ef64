/** What a filter may change, and which steps it wants to hear of and answers (libmilter: SMFIC_OPTNEG). */
import type { MilterConnection } from './connection.ts'
import { encodePacket } from './packets.ts'
import { MilterTrouble } from './trouble.ts'

const version = 6
const oldestVersion = 2
/** Add and change fields, replace the body, add and remove recipients, quarantine, change the sender. */
const actions = 0xff
/** All that protocol 6 knows. */
const offeredSteps = 0x1fffff

/** A step: the bits by which a filter does without it, and does without answering it. */
export const steps = {
  connect: { letter: 'C', skipped: 0x1, silent: 0x1000 },
  helo: { letter: 'H', skipped: 0x2, silent: 0x2000 },
  mail: { letter: 'M', skipped: 0x4, silent: 0x4000 },
  rcpt: { letter: 'R', skipped: 0x8, silent: 0x8000 },
  data: { letter: 'T', skipped: 0x200, silent: 0x10000 },
  field: { letter: 'L', skipped: 0x20, silent: 0x80 },
  endOfHeader: { letter: 'N', skipped: 0x40, silent: 0x40000 },
  body: { letter: 'B', skipped: 0x10, silent: 0x80000 },
  end: { letter: 'E', skipped: 0, silent: 0 },
} as const

export type Step = keyof typeof steps

const leadingBlank = 0x100000
/** Before version 4 there is no step DATA. */
const dataVersion = 4

export interface Agreement {
  readonly wants: (step: Step) => boolean
  readonly answers: (step: Step) => boolean
  /** Whether values of fields are given and taken with the blank after the colon: signatures count it. */
  readonly leadingBlank: boolean
}

/** @throws MilterTrouble if the filter does not speak as filters do */
export async function negotiate(connection: MilterConnection, seconds: number): Promise<Agreement> {
  const offer = Buffer.alloc(12)
  for (const [place, number] of [version, actions, offeredSteps].entries()) offer.writeUInt32BE(number, 4 * place)
  await connection.send([encodePacket('O', offer)], seconds)
  const { letter, data } = await connection.receive(seconds)
  if (letter !== 'O' || data.length < 12) throw new MilterTrouble('it does not negotiate')
  const [spoken, wanted, without] = [0, 4, 8].map((at) => data.readUInt32BE(at)) as [number, number, number]
  if (spoken < oldestVersion || spoken > version) throw new MilterTrouble(`it speaks version ${spoken}`)
  if ((wanted & ~actions) !== 0 || (without & ~offeredSteps) !== 0) throw new MilterTrouble('it wants what was not offered')
  return {
    wants: (step) => (without & steps[step].skipped) === 0 && (step !== 'data' || spoken >= dataVersion),
    answers: (step) => (without & steps[step].silent) === 0,
    leadingBlank: (without & leadingBlank) !== 0,
  }
}
