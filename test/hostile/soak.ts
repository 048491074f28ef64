/** kill -9 and SIGSTOP of each program at random during a load, the short form of make soak; and that the account would notice. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { judge, Soak, type Tally } from '../soak/round.ts'

const seed = 20_261_123

function shown({ acknowledged, lost, torn, duplicates, inFlight, kills, stops }: Tally): string {
  return `${acknowledged} acknowledged, ${lost.length} lost, ${torn} torn, ${duplicates} twice (${inFlight} in flight), ${kills} kills, ${stops} stops`
}

const soak = await Soak.start(t)

t.test('500 messages, a program killed or stopped every 20: none lost, none torn, twice only what was in flight', async (t) => {
  const tally = await soak.round(seed, 500, 20)
  t.equal(judge(tally), undefined)
  t.equal(tally.acknowledged, 500)
  t.ok(tally.kills > 5 && tally.stops > 1)
  t.comment(shown(tally))
})

t.test('the account notices a message that is lost, and one that is torn', async (t) => {
  const first = (maildir: string): string => join(maildir, 'new', readdirSync(join(maildir, 'new'))[0] as string)
  const lost = await soak.round(seed + 1, 30, 1_000, (maildir) => rmSync(first(maildir)))
  t.match(judge(lost), /^lost: \d+$/)
  const torn = await soak.round(seed + 2, 30, 1_000, (maildir) =>
    writeFileSync(first(maildir), readFileSync(first(maildir)).subarray(0, 900)),
  )
  t.match(judge({ ...torn, lost: [] }), 'torn: 1')
  const twice = await soak.round(seed + 3, 30, 1_000, (maildir) => writeFileSync(join(maildir, 'new/copy'), readFileSync(first(maildir))))
  t.match(judge(twice), '1 duplicates, and only 0 were in flight')
})
