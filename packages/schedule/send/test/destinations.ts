/** No destination keeps the others waiting: by counts of the commands that rspawn gets. */
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

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
