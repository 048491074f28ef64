import { noFacts } from '@yabumi/facts'
import { smtpEnvelopeBytes, smtpEnvelopeBytesPerClient } from '@yabumi/limits'
import t from 'tap'
import { EnvelopeMemory, type EnvelopeRoom } from '../src/envelopememory.ts'
import type { NamedRecipient } from '../src/parameters.ts'
import { Transaction } from '../src/transaction.ts'

/** A recipient of whom nothing more is said. */
const named = (address: string): NamedRecipient => ({ address, facts: noFacts.message })

const roomy: EnvelopeRoom = { take: () => true, give: () => undefined }

t.test('a transaction has room for so many recipients and no more', async (t) => {
  const transaction = new Transaction({ sender: 's', facts: noFacts }, false, roomy)
  t.same([transaction.add(named('a'), 2), transaction.add(named('b'), 2), transaction.add(named('c'), 2)], [true, true, false])
  t.same(transaction.recipients, ['a', 'b'])
  transaction.release()
})

t.test('a recipient that comes behind the end of its transaction takes no room from others', async (t) => {
  const large = 'r'.repeat(1 << 20)
  const room = new EnvelopeMemory(smtpEnvelopeBytes, () => undefined).roomOf('192.0.2.1')
  for (let round = 0; round < (2 * smtpEnvelopeBytes) / large.length; round += 1) {
    const gone = new Transaction({ sender: 's', facts: noFacts }, false, room)
    gone.release()
    t.equal(gone.add(named(large), 10), false)
  }
  t.equal(new Transaction({ sender: 's', facts: noFacts }, false, room).add(named(large), 10), true)
})

const recipient = 'r'.repeat(1_000)
const costBytes = recipient.length + 48

/** Recipients that fit into one transaction. */
function fill(room: EnvelopeRoom): number {
  const transaction = new Transaction({ sender: 's', facts: noFacts }, false, room)
  while (transaction.add(named(recipient), Number.POSITIVE_INFINITY));
  return transaction.recipients.length
}

t.test('the transactions of one client fill their share and no more, over all of its connections, and others have theirs', async (t) => {
  const lines: string[] = []
  const memory = new EnvelopeMemory(smtpEnvelopeBytesPerClient, (line) => lines.push(line))
  t.equal(fill(memory.roomOf('192.0.2.1')), Math.floor(smtpEnvelopeBytesPerClient / costBytes))
  t.equal(fill(memory.roomOf('192.0.2.1')), 1, 'a first recipient fits')
  t.ok(fill(memory.roomOf('192.0.2.2')) > 1_000, 'another client')
  t.ok(fill(memory.roomOf('2001:db8:0:1::1')) > 1_000, 'and one by IPv6')
  t.equal(fill(memory.roomOf('2001:db8:0:ff::1')), 1, 'a /56 is one client')
  t.match(lines[0], /^192\.0\.2\.1: recipients put off with 452: for its network \d+ bytes/)
})

t.test('where all memory is taken each transaction still has its first recipient', async (t) => {
  const memory = new EnvelopeMemory(smtpEnvelopeBytesPerClient, () => undefined)
  let filled = 0
  for (let n = 1; n <= 30; n += 1) filled += costBytes * fill(memory.roomOf(`192.0.2.${n}`))
  t.ok(filled > 0.99 * smtpEnvelopeBytes && filled < smtpEnvelopeBytes + 30 * costBytes)
  for (const n of [31, 32]) t.equal(fill(memory.roomOf(`192.0.2.${n}`)), 1)
})

t.test('ten clients that fill what they can leave the next one room for more than a few recipients', async (t) => {
  const memory = new EnvelopeMemory(smtpEnvelopeBytesPerClient, () => undefined)
  for (let n = 1; n <= 10; n += 1) fill(memory.roomOf(`192.0.2.${n}`))
  t.ok(fill(memory.roomOf('192.0.2.11')) > 10)
})

t.test('a client that is alone may fill everything where it may hold as much', async (t) => {
  const memory = new EnvelopeMemory(smtpEnvelopeBytes, () => undefined)
  t.equal(fill(memory.roomOf('192.0.2.1')), Math.floor(smtpEnvelopeBytes / costBytes))
})
