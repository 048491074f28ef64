/** What send does with commands and reports, seen from the other ends of its pipes. */
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

t.test('a message for both channels: log, commands and files, step by step', async (t) => {
  const home = new Home()
  const send = new Send(home)
  await send.logged(/^status/)
  const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test', 'x@y.test', 'ann'], text: 'x'.repeat(100) })
  const first = await send.command('local')
  t.same(first, { delivery: 0, message: `${Number(id) % 23}/${id}`, sender: 'a@b.test', recipient: 'joe@me.test' })
  t.equal((await send.command('remote')).recipient, 'x@y.test')
  t.same(home.files(), [`info/${first.message}`, `local/${first.message}`, `mess/${first.message}`, `remote/${first.message}`])
  t.equal(home.file('info', id), 'Fa@b.test\0')
  t.equal(home.file('local', id), 'Tjoe@me.test\0Tann@me.test\0')
  t.equal(home.file('remote', id), 'Tx@y.test\0')
  send.report('remote', 0, 'K', 'ok\n')
  await send.logged(/^delivery 2/)
  t.equal(home.file('remote', id), undefined, 'the last recipient takes its channel file along')
  send.report('local', 0, 'K', 'did 1+0+0\n')
  t.equal((await send.command('local')).recipient, 'ann@me.test')
  t.equal(home.file('local', id), 'Djoe@me.test\0Tann@me.test\0', 'a recipient that is done is marked')
  send.report('local', 0, 'K')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  t.same(home.files(), [])
  t.same(send.cleaned, [`todo/${id}`, `foop/${id}`])
  const lines = [
    'status: local 0/1 remote 0/1',
    `new msg ${id}`,
    `info msg ${id}: bytes 100 from <a@b.test> qp 4711 uid 1000`,
    `starting delivery 1: msg ${id} to local joe@me.test`,
    'status: local 1/1 remote 0/1',
    `starting delivery 2: msg ${id} to remote x@y.test`,
    'status: local 1/1 remote 1/1',
    'delivery 2: success: ok/',
    'status: local 1/1 remote 0/1',
    'delivery 1: success: did_1+0+0/',
    'status: local 0/1 remote 0/1',
    `starting delivery 3: msg ${id} to local ann@me.test`,
    'status: local 1/1 remote 0/1',
    'delivery 3: success: ',
    'status: local 0/1 remote 0/1',
    `end msg ${id}`,
    'status: exiting',
  ]
  t.equal(send.log, `${lines.join('\n')}\n`)
  home.remove()
})

t.test('a deferred recipient waits for its time, ALRM makes it now', async (t) => {
  const home = new Home()
  const send = new Send(home)
  const id = home.submit({ sender: 'a@b.test', recipients: ['x@y.test', 'z@y.test'] })
  t.equal(await send.deliver('remote', 'Z', 'busy\n'), 'x@y.test')
  t.equal(await send.deliver('remote', 'K', 'ok\n'), 'z@y.test')
  await send.logged(/^delivery 2: success/)
  t.equal(home.file('remote', id), 'Tx@y.test\0Dz@y.test\0')
  send.child.kill('SIGALRM')
  t.equal(await send.deliver('remote', 'K'), 'x@y.test')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  t.match(send.log, /^delivery 1: deferral: busy\/$/m)
  home.remove()
})

t.test('when it leaves, the times of the next attempts stand in the channel files', async (t) => {
  const home = new Home({ concurrencylocal: '5\n', concurrencyremote: '5\n' })
  const now = Math.floor(Date.now() / 1000)
  const born = now - 1_000_000 // root 1000: seconds of the test make no difference
  const tried = home.stock('a@b.test', { local: 'Tjoe@me.test\0', remote: 'Tx@y.test\0' }, born)
  const waiting = home.stock('a@b.test', { local: 'Tjoe@me.test\0' }, born, now + 5_000)
  home.write('control/queuelifetime', '10000000\n')
  const send = new Send(home)
  await send.deliver('local', 'Z', 'not now\n')
  await send.deliver('remote', 'Z', 'not now\n')
  await send.logged(/deferral/, 2)
  t.equal(await send.stop(), 0)
  t.equal(home.mtime('local', tried), born + 1010 ** 2)
  t.equal(home.mtime('remote', tried), born + 1020 ** 2)
  t.equal(home.mtime('local', waiting), now + 5_000)
  t.equal(home.mtime('info', tried), born, 'the birth stays')
  home.remove()
})

t.test('a message that is due later is not tried at the start', async (t) => {
  const home = new Home()
  const now = Math.floor(Date.now() / 1000)
  home.stock('a@b.test', { local: 'Tlater@me.test\0' }, now, now + 1_000)
  home.stock('a@b.test', { local: 'Tnow@me.test\0' }, now, now - 1_000)
  const send = new Send(home)
  t.equal(await send.deliver('local', 'K'), 'now@me.test')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  t.notMatch(send.log, /later@/)
  home.remove()
})

t.test('a message that is too old is tried once more, then fails', async (t) => {
  const home = new Home({ queuelifetime: '100\n' })
  const now = Math.floor(Date.now() / 1000)
  const id = home.stock('#@[]', { local: 'Tjoe@me.test\0' }, now - 101)
  const send = new Send(home)
  t.equal(await send.deliver('local', 'Z', 'still not\n'), 'joe@me.test')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  t.match(send.log, "delivery 1: failure: still_not/I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./\n")
  t.match(send.log, `triple bounce: discarding bounce/${id}\nend msg ${id}\n`)
  t.same(home.files(), [])
  home.remove()
})

t.test('reports that make no sense do no harm', async (t) => {
  const home = new Home()
  const send = new Send(home)
  const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  const { delivery } = await send.command('local')
  send.report('local', 77, 'K')
  send.report('local', 255, 'D')
  await send.logged(/^warning: internal error: delivery report out of range$/, 2)
  send.say('local', Buffer.from([delivery, 'Q'.charCodeAt(0), 0]))
  await send.logged(/^delivery 1: report mangled, will defer$/)
  t.equal(home.file('local', id), 'Tjoe@me.test\0')
  send.child.kill('SIGALRM')
  await send.deliver('local', 'K')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  home.remove()
})

t.test('the text of a report is one word of at most 10000 bytes in the log', async (t) => {
  const home = new Home()
  const send = new Send(home)
  home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  const { delivery } = await send.command('local')
  send.report('local', delivery, 'K', `100% \xe9\n${'x'.repeat(20_000)}`)
  await send.logged(/^end msg/)
  t.match(send.log, new RegExp(`^delivery 1: success: 100___/${'x'.repeat(9_991)}$`, 'm'))
  await send.stop()
  home.remove()
})

t.test('a sender with the VERP mark becomes one for each recipient', async (t) => {
  const home = new Home({ concurrencylocal: '2\n' })
  const send = new Send(home)
  home.submit({ sender: 'l-@me.test-@[]', recipients: ['a@me.test', 'b@me.test'] })
  t.same([(await send.command('local')).sender, (await send.command('local')).sender].sort(), [
    'l-a=me.test@me.test',
    'l-b=me.test@me.test',
  ])
  send.report('local', 0, 'K')
  send.report('local', 1, 'K')
  await send.logged(/^end msg/)
  await send.stop()
  home.remove()
})

t.test('no more deliveries at once than the control file and the spawn program allow', async (t) => {
  const home = new Home({ concurrencylocal: '3\n', concurrencyremote: '200\n' })
  const send = new Send(home, { greetings: [120, 2] })
  await send.logged(/^status: local 0\/3 remote 0\/2$/)
  home.submit({
    sender: 'a@b.test',
    recipients: Array.from({ length: 9 }, (_, n) => `r${n}@me.test`).concat('1@y.test', '2@z.test', '3@w.test'),
  })
  await send.until(() => send.commands.local.length === 3 && send.commands.remote.length === 2)
  t.same(
    send.commands.local.map((command) => command.delivery),
    [0, 1, 2],
  )
  send.report('local', 1, 'K')
  await send.until(() => send.commands.local.length === 4)
  t.same(send.commands.local[3]?.delivery, 1, 'a number is used again after its report')
  t.notMatch(send.log, /local 4\//)
  await send.stop('SIGKILL')
  home.remove()
})

t.test('a concurrency of 0 holds a channel', async (t) => {
  const home = new Home({ concurrencylocal: '0\n' })
  const send = new Send(home)
  const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test', 'x@y.test'] })
  await send.deliver('remote', 'K')
  await send.logged(/^delivery 1/)
  t.equal(await send.stop(), 0)
  t.equal(home.file('local', id), 'Tjoe@me.test\0')
  t.equal(home.file('remote', id), undefined)
  home.remove()
})

t.test('a channel file of many recipients is worked off in order, those that are done left out', async (t) => {
  const home = new Home({ concurrencylocal: '10\n' })
  const records = Array.from({ length: 3_000 }, (_, n) => `${n % 3 === 0 ? 'T' : 'D'}recipient-number-${n}@me.test\0`).join('')
  const id = home.stock('', { local: records }, Math.floor(Date.now() / 1000))
  const send = new Send(home)
  const seen: string[] = []
  while (seen.length < 1_000) seen.push(await send.deliver('local', 'K'))
  await send.logged(new RegExp(`^end msg ${id}`))
  t.same(
    seen,
    Array.from({ length: 1_000 }, (_, n) => `recipient-number-${3 * n}@me.test`),
  )
  t.equal(await send.stop(), 0)
  home.remove()
})

t.test('an unknown record stops a pass and is kept, with what follows it', async (t) => {
  const home = new Home({ concurrencylocal: '5\n' })
  const now = Math.floor(Date.now() / 1000)
  const id = home.stock('', { local: 'Ta@me.test\0Xb@me.test\0Tc@me.test\0' }, now)
  const send = new Send(home)
  t.equal(await send.deliver('local', 'K'), 'a@me.test')
  await send.logged(/^delivery 1: success/)
  t.equal(await send.stop(), 0)
  t.match(send.log, `warning: unknown record type in local/${Number(id) % 23}/${id}!\n`)
  t.equal(home.file('local', id), 'Da@me.test\0Xb@me.test\0Tc@me.test\0')
  home.remove()
})

t.test('a message whose info cannot be read waits, and the others do not', async (t) => {
  const home = new Home()
  const now = Math.floor(Date.now() / 1000)
  const bad = home.stock('', { local: 'Tbad@me.test\0' }, now - 10)
  home.write(`queue/info/${Number(bad) % 23}/${bad}`, 'garbage')
  home.stock('', { local: 'Tgood@me.test\0' }, now)
  const send = new Send(home)
  t.equal(await send.deliver('local', 'K'), 'good@me.test')
  await send.logged(/^end msg/)
  t.match(send.log, `warning: trouble opening local/${Number(bad) % 23}/${bad}; will try again later\n`)
  t.equal(await send.stop(), 0)
  home.remove()
})
