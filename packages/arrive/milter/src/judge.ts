/** All filters, one after the other: each sees what those before it have made of the message. */
import { replyTextBytes } from '@yabumi/limits'
import { printable } from '@yabumi/printable'
import { MilterConnection } from './connection.ts'
import { Conversation, type Origin, type Verdict } from './conversation.ts'
import type { Draft, Store } from './draft.ts'
import { negotiate } from './negotiation.ts'
import { encodePacket, type Packet } from './packets.ts'
import type { Milter } from './settings.ts'
import { MilterTrouble } from './trouble.ts'

export { draftOf, piecesOf } from './draft.ts'
export { MilterTrouble } from './trouble.ts'

/** What has become of a message: it goes on, or has this reply, or is dropped without the client's knowing. */
export type Judgement =
  | { readonly kind: 'accept'; readonly draft: Draft }
  | { readonly kind: 'reply'; readonly reply: string; readonly by: string }
  | { readonly kind: 'discard'; readonly by: string }

const unavailable = '451 a filter is not there now, try again later (#4.7.1)'

/** Never rejects for what a filter does. @param log - is told of filters in trouble. @param newStore - for a body that is replaced */
export async function judgeByMilters(
  milters: readonly Milter[],
  origin: Origin,
  draft: Draft,
  { newStore, log }: { readonly newStore: () => Store; readonly log: (line: string) => void },
): Promise<Judgement> {
  let current = draft
  for (const milter of milters) {
    try {
      const verdict = await judgeBy(milter, origin, current, newStore)
      if (verdict.kind === 'discard') return { kind: 'discard', by: milter.name }
      if (verdict.kind === 'reply') return { kind: 'reply', reply: replyOf(verdict.packet), by: milter.name }
      current = verdict.draft
    } catch (error) {
      if (!(error instanceof MilterTrouble)) throw error
      log(`filter ${milter.name}: ${printable(error.message)}`)
      if (milter.otherwise === 'tempfail') return { kind: 'reply', reply: unavailable, by: milter.name }
      if (milter.otherwise === 'reject') return { kind: 'reply', reply: '550 a filter is not there (#5.7.1)', by: milter.name }
    }
  }
  return { kind: 'accept', draft: current }
}

async function judgeBy(milter: Milter, origin: Origin, draft: Draft, newStore: () => Store): Promise<Verdict> {
  const connection = await MilterConnection.open(milter)
  try {
    const agreement = await negotiate(connection, milter.seconds.command)
    const verdict = await new Conversation(connection, agreement, milter).judge(origin, draft, newStore)
    await connection.send([encodePacket('Q')], milter.seconds.command).catch(() => undefined)
    return verdict
  } finally {
    connection.close()
  }
}

/** The reply that a filter wants given, as one line of printable ASCII. */
function replyOf({ letter, data }: Packet): string {
  const text = data.toString('latin1').split('\0', 1)[0] as string
  if (letter === 'y' && /^[45][0-9]{2}[ -]/.test(text)) return oneLine(text)
  if (letter === 'r') return '550 a filter refuses that message (#5.7.1)'
  return '451 a filter puts that message off, try again later (#4.7.1)'
}

function oneLine(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => line !== '')
  const words = lines.map((line, index) => (index === 0 ? line.slice(4) : line.replace(/^[0-9]{3}[ -]/, '')))
  return `${text.slice(0, 3)} ${printable(words.join(' '), '?').slice(0, replyTextBytes)}`
}
