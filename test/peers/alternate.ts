/** One Maildir, Dovecot and we: in turns and at once, with `local`, mutt and strangers. `make alternate` is the long form. */
import t from 'tap'
import { Race } from '../alternate/race.ts'
import { Rounds } from '../alternate/rounds.ts'
import { World } from '../alternate/world.ts'
import { randomFrom } from '../crash-explorer/random.ts'
import { dovecotImapMissing } from '../support/dovecot.ts'
import { missing } from '../support/programs.ts'

const seed = 1
const rounds = 20
const racing = 150 // messages
const absent = dovecotImapMissing()
const skip = absent === false ? missing('mutt', 'script') : absent
if (skip !== false) t.test('Dovecot and we on one Maildir', { skip }, () => undefined)
else {
  const world = await World.start(t, 'turns', 'together', 'race')
  t.test('in turns, by a session each', async (t) => t.same(await new Rounds(world, 'turns', randomFrom(seed), false).play(rounds), []))
  t.test('in turns, by sessions that stay', async (t) =>
    t.same(await new Rounds(world, 'together', randomFrom(seed), true).play(rounds), []),
  )
  t.test('at once', async (t) => {
    const { bad, messages, reads } = await new Race(world, 'race', randomFrom(seed), (made) => made < racing).run()
    t.same(bad, [])
    t.ok(messages > racing / 2 && reads > 0, 'there were messages, and mutt has read them')
  })
}
