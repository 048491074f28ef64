/** The crash explorer for the mailboxes of IMAP in its short form: every scenario, some of its states, and one planted fault, which it must find. */
import t from 'tap'
import { exploreMail } from '../crash-explorer/mailboxes/explore.ts'
import { mailScenarios } from '../crash-explorer/mailboxes/scenarios.ts'
import { tryOne } from '../crash-explorer/mutate.ts'
import { mutations } from '../crash-explorer/mutations.ts'
import { missing } from '../support/programs.ts'

const least = 1_000
const seed = 1
const skip = missing('strace')

t.test('what a client was told is true after every crash', { skip }, async (t) => {
  const recorded: string[] = []
  const { distinct, tried, problems } = await exploreMail({ seed, samples: 1, most: 1_200, say: (line) => recorded.push(line) })
  t.comment(`${tried} of ${distinct} states tried`)
  t.same(problems, [])
  t.equal(recorded.length, mailScenarios.length)
  t.ok(tried >= least, `at least ${least} states were tried`)
})

t.test('modseqs whose block is not synced are found', { skip }, async (t) => {
  const fault = mutations.find(({ what }) => what === 'imap: the block of modseqs is not synced')
  if (fault === undefined) return t.fail('there is no such fault')
  const { problems } = await tryOne(fault, seed)
  t.match(problems[0]?.text, /the next modseq is \d+, and \d+ was told/)
})
