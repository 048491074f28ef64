/** No destination keeps the others waiting: by counts of the commands that rspawn gets. */
import t from 'tap'
import type { Attempt, Verdict } from '../src/attempt.ts'
import { Destinations } from '../src/destinations.ts'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

const attemptTo = (recipient: string, ended: (verdict: Verdict) => void = () => undefined): Attempt => ({
  id: '1',
  sender: '',
  recipient,
  dying: false,
  ended,
})

t.test('one destination gets as many deliveries as concurrencyperhost says, and others go on', async (t) => {
  const home = new Home({ concurrencyremote: '20\n', concurrencyperhost: '3\n' })
  const send = new Send(home)
  await send.logged(/^status/)
  const slow = Array.from({ length: 12 }, (_, i) => home.submit({ sender: 'a@b.test', recipients: [`u${i}@Slow.test`] }))
  await send.until(() => send.commands.remote.length === 3)
  await send.logged(/^info msg/, slow.length)
  home.submit({ sender: 'a@b.test', recipients: ['x@other.test', 'y@other.test'] })
  await send.until(() => send.commands.remote.length === 5)
  const [one, two, three, ...others] = send.commands.remote.splice(0)
  t.same(
    others.map(({ recipient }) => recipient),
    ['x@other.test', 'y@other.test'],
  )
  for (const { delivery } of others) send.report('remote', delivery, 'K')
  await send.logged(/^end msg/)
  t.same(send.commands.remote, [], 'room elsewhere is no room here')
  for (const command of [one, two, three]) {
    send.report('remote', command?.delivery ?? 0, 'K')
    const next = await send.command('remote')
    t.match(next.recipient, /@Slow\.test$/, 'the next one follows when one has ended')
    send.report('remote', next.delivery, 'K')
  }
  for (let left = slow.length - 6; left > 0; left -= 1) await send.deliver('remote', 'K')
  await send.logged(/^end msg/, slow.length + 1)
  t.equal(await send.stop(), 0)
  t.same(home.files(), [])
  home.remove()
})

t.test('a message to many at a busy destination goes on as they end, and retries nobody before the time', async (t) => {
  const home = new Home({ concurrencyremote: '20\n', concurrencyperhost: '2\n' })
  const send = new Send(home)
  const busy = Array.from({ length: 1_300 }, (_, i) => `u${i}@busy.test`)
  const id = home.submit({ sender: 'a@b.test', recipients: ['first@free.test', ...busy, 'last@free.test'] })
  const seen: string[] = []
  const answer = async (status: 'K' | 'Z'): Promise<void> => {
    const command = await send.command('remote')
    seen.push(command.recipient)
    send.report('remote', command.delivery, status, 'text\n')
  }
  await send.until(() => send.commands.remote.length === 3)
  t.same(
    send.commands.remote.map(({ recipient }) => recipient),
    ['first@free.test', 'u0@busy.test', 'u1@busy.test'],
    'only so many are looked at ahead',
  )
  await answer('Z')
  await answer('Z')
  for (let count = 2; count < busy.length + 2; count += 1) await answer('K')
  await send.logged(/^delivery \d+: success/, busy.length)
  t.equal(new Set(seen).size, busy.length + 2, 'each was tried once')
  t.same(
    home
      .file('remote', id)
      ?.split('\0')
      .filter((record) => record.startsWith('T')),
    ['Tfirst@free.test', 'Tu0@busy.test'],
  )
  send.child.kill('SIGALRM')
  await answer('K')
  await answer('K')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  home.remove()
})

t.test('hosts that never answer leave room for those that do', async (t) => {
  const home = new Home({ concurrencyremote: '20\n' })
  const send = new Send(home)
  home.submit({ sender: 'a@b.test', recipients: ['x@good.test'] })
  await send.deliver('remote', 'K')
  const dead = Array.from({ length: 200 }, (_, i) => home.submit({ sender: 'a@b.test', recipients: [`x@dead${i}.test`] }))
  await send.logged(/^info msg/, dead.length + 1)
  await send.until(() => send.commands.remote.length === 15)
  send.commands.remote.splice(0)
  for (let count = 0; count < 50; count += 1) home.todo({ sender: 'a@b.test', recipients: [`u${count}@good.test`] })
  home.pull()
  for (let count = 0; count < 50; count += 1) t.match(await send.deliver('remote', 'K'), /@good\.test$/)
  await send.logged(/^end msg/, 51)
  t.equal(await send.stop('SIGKILL'), 'SIGKILL')
  home.remove()
})

t.test('a destination that stops answering shares the room of those that have never answered', async (t) => {
  let now = 0
  const destinations = new Destinations(20, 0, () => now)
  const running = Array.from({ length: 10 }, () => destinations.track(attemptTo('a@x.test')))
  running[0]?.ended('success', '')
  t.ok(destinations.admits('b@x.test'))
  for (let count = 0; count < 6; count += 1) destinations.track(attemptTo(`a@never${count}.test`))
  t.notOk(destinations.admits('b@new.test'), 'a quarter is for those that answer')
  t.ok(destinations.admits('b@x.test'))
  now = 5_000
  t.notOk(destinations.admits('b@x.test'), 'x keeps all its deliveries waiting')
  destinations.wait('7', ['x.test'])
  destinations.wait('8', ['new.test'])
  t.equal(destinations.next(), undefined)
  running[1]?.ended('success', '')
  t.equal(destinations.next(), '7', 'x is heard of again')
  now = 20_000
  running[2]?.ended('deferral', '')
  t.notSame(destinations.next(), undefined, 'a stranger has ended')
})

t.test('what waits is taken up oldest and newest by turns, and nothing is forgotten', async (t) => {
  const destinations = new Destinations(4, 0, () => 0)
  destinations.track(attemptTo('a@good.test')).ended('success', '')
  const ends: Attempt[] = [0, 1, 2].map((i) => destinations.track(attemptTo(`a@h${i}.test`)))
  for (let i = 0; i < 1_000; i += 1) destinations.wait(String(i), [`w${i}.test`])
  t.equal(destinations.next(), undefined)
  const taken = new Set<unknown>()
  ends[0]?.ended('deferral', '')
  for (let next = destinations.next(); next !== undefined; next = destinations.next()) taken.add(next)
  t.equal(taken.size, 1_000)
  t.same([...taken].slice(0, 4), ['999', '0', '998', '1'])
})

t.test('messages that wait as mere numbers are given back, once', async (t) => {
  const destinations = new Destinations(4, 1)
  destinations.wait('457', ['slow.test'])
  destinations.wait('458', ['slow.test'])
  destinations.wait('459', ['other.test'])
  t.same(destinations.giveBack(), ['457', '458', '459'])
  t.equal(destinations.next(), undefined)
  t.same(destinations.giveBack(), [])
})
