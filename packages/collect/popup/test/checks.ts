/** A flood of logins: never more than so many programs check passwords at once, and everybody has a turn. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { popChecks } from '@yabumi/limits'
import t from 'tap'
import { oneLine } from '../../../../test/support/dialogue.ts'
import { ScratchHome } from '../../../../test/support/home.ts'
import { until } from '../../../../test/support/wait.ts'
import { Checks } from '../src/checks.ts'
import { Listening } from './fixtures/listening.ts'

const home = await ScratchHome.make(t, 'kyoma')
home.control('popextensions', undefined) // as an old home: replies are qmail's

t.test('the limit is checked at once, one more waits, and begins when one ends', async (t) => {
  let crowded = 0
  const checks = new Checks(() => {
    crowded += 1
  })
  const turns = await Promise.all(Array.from({ length: popChecks }, () => checks.turn()))
  t.equal(crowded, 0)
  const order: number[] = []
  const later = [1, 2].map(async (n) => {
    const end = await checks.turn()
    order.push(n)
    return end
  })
  await new Promise(setImmediate)
  t.same(order, [])
  t.equal(crowded, 1)
  turns[3]?.()
  turns[3]?.() // a second call ends nobody else's turn
  const first = await later[0]
  await new Promise(setImmediate)
  t.same(order, [1])
  first?.()
  const second = await later[1]
  t.same(order, [1, 2])
  for (const end of [...turns, second]) end?.()
})

t.test('forty wrong logins at once run no more than the limit of programs, and each is refused in its turn', async (t) => {
  // keeps descriptor 3 open, as checkpassword does until it knows; says when it begins and when it ends; the first ones wait for each other
  const diary = join(home.root, 'diary')
  const crowd = `until [ "$(grep -c + ${diary})" -ge ${popChecks} ]; do sleep 0.1; done`
  const check = `cat <&3 >/dev/null; echo + >>${diary}; ${crowd}; sleep 0.2; echo - >>${diary}; exit 1`
  const listening = await Listening.start(t, home, ['sh', '-c', check])
  const replies = await Promise.all(Array.from({ length: 40 }, async () => (await listening.logIn('kyoma', 'wrong')).reply))
  t.same(new Set(replies), new Set(['-ERR authorization failed\r\n']))
  let now = 0
  let most = 0
  for (const sign of readFileSync(diary, 'utf8').split('\n')) {
    now += sign === '+' ? 1 : sign === '-' ? -1 : 0
    most = Math.max(most, now)
  }
  t.equal(most, popChecks)
  t.match(listening.log, `popup: ${popChecks} logins are being checked; others wait for their turn\n`)
})

t.test('sessions under way hold no turn: more than the limit are logged in at once', async (t) => {
  await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
  const listening = await Listening.start(t, home)
  const sessions = []
  for (let n = 0; n < popChecks + 5; n += 1) sessions.push(await listening.logIn('kyoma', 'geheim'))
  t.ok(sessions.every(({ reply }) => reply === '+OK \r\n'))
  for (const { pop } of sessions) t.match(await pop.say('STAT', oneLine), /^\+OK \d/)
  await until('no turn is taken', () => !listening.log.includes('wait for their turn'))
})
