/** How messages get from todo/ to deliveries, and what stands in the way. */
import { mkdirSync, renameSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

const seconds = (): number => Math.floor(Date.now() / 1000)

/** Has clean answer when the test says so. */
function slowClean(held: string[]) {
  return {
    clean: (command: string) => {
      held.push(command)
      return undefined
    },
  }
}

t.test('with several recipients, nothing is delivered before clean has unlinked todo/', async (t) => {
  const home = new Home()
  const held: string[] = []
  const send = new Send(home, slowClean(held))
  const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test', 'ann@me.test'] })
  await send.until(() => held.length === 1)
  t.same(held, [`todo/${id}`])
  t.equal(home.file('info', id), 'Fa@b.test\0')
  t.equal(home.file('local', id), 'Tjoe@me.test\0Tann@me.test\0')
  t.notMatch(send.log, /starting/)
  send.answer('+')
  await send.deliver('local', 'K')
  await send.deliver('local', 'K')
  await send.until(() => held.length === 2)
  t.equal(held[1], `foop/${id}`)
  t.equal(home.file('info', id), undefined, 'info/ is gone before mess/ goes')
  t.not(home.file('mess', id), undefined)
  send.answer('+')
  t.equal(await send.stop(), 0)
  home.remove()
})

t.test('a single recipient who is reached at once costs no file: todo/ goes, then mess/', async (t) => {
  const home = new Home()
  const held: string[] = []
  const send = new Send(home, slowClean(held))
  const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  await send.deliver('local', 'K')
  await send.until(() => held.length === 1)
  t.same(held, [`todo/${id}`])
  t.equal(home.file('info', id), undefined)
  t.equal(home.file('local', id), undefined)
  t.notMatch(send.log, /end msg/)
  send.answer('+')
  await send.until(() => held.length === 2)
  t.equal(held[1], `foop/${id}`)
  await send.logged(new RegExp(`^end msg ${id}$`))
  send.answer('+')
  t.equal(await send.stop(), 0)
  home.remove()
})

t.test('a clean that keeps spare files is asked once for all of a message that never had an info/', async (t) => {
  const home = new Home()
  const held: string[] = []
  const send = new Send(home, { spare: true, ...slowClean(held) })
  await send.logged(/^status/)
  const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  await send.deliver('local', 'K')
  await send.until(() => held.length === 1)
  t.same(held, [`spare/${id}`])
  t.notMatch(send.log, /end msg/)
  send.answer('+')
  await send.logged(new RegExp(`^end msg ${id}$`))
  t.equal(await send.stop(), 0)
  t.equal(held.length, 1)
  home.remove()
})

t.test('files of a message that was there at the start are not kept: another lspawn may have given them away', async (t) => {
  const home = new Home()
  const old = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  const send = new Send(home, { spare: true })
  await send.deliver('local', 'K')
  await send.logged(new RegExp(`^end msg ${old}$`))
  const young = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  await send.deliver('local', 'K')
  await send.logged(new RegExp(`^end msg ${young}$`))
  t.equal(await send.stop(), 0)
  t.same(send.cleaned, [`todo/${old}`, `foop/${old}`, `spare/${young}`])
  home.remove()
})

t.test('no files are kept unless send was told that its spawn programs give none away', async (t) => {
  const home = new Home()
  const send = new Send(home)
  await send.logged(/^status/)
  const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  await send.deliver('local', 'K')
  await send.logged(new RegExp(`^end msg ${id}$`))
  t.equal(await send.stop(), 0)
  t.same(send.cleaned, [`todo/${id}`, `foop/${id}`])
  home.remove()
})

t.test('a number that a new message has before clean has answered for the old one is not passed over', async (t) => {
  const home = new Home({ concurrencylocal: '2\n' })
  const held: string[] = []
  const send = new Send(home, { spare: true, ...slowClean(held) })
  await send.logged(/^status/)
  const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  await send.deliver('local', 'K')
  await send.until(() => held.length === 1)
  unlinkSync(home.at('todo', id))
  writeFileSync(home.at('todo', id), 'u1000\0p4712\0Fa@b.test\0Tann@me.test\0')
  const other = home.submit({ sender: 'a@b.test', recipients: ['bob@me.test'] })
  await send.logged(new RegExp(`^new msg ${other}$`)) // this scan has met both
  await send.deliver('local', 'K')
  await send.until(() => held.length === 2)
  send.answer('+')
  await send.logged(/^starting delivery 3: msg [0-9]+ to local ann@me.test$/)
  send.answer('+')
  await send.deliver('local', 'K')
  await send.until(() => held.length === 3)
  t.same(held, [`spare/${id}`, `spare/${other}`, `spare/${id}`])
  send.answer('+')
  t.equal(await send.stop(), 0)
  home.remove()
})

t.test('a single recipient is reached once while clean cannot unlink todo/', async (t) => {
  const home = new Home()
  const send = new Send(home, { clean: () => '!' })
  const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  await send.deliver('local', 'K')
  await send.logged(/^warning: qmail-clean unable to clean up todo/)
  t.equal(await send.stop(), 0)
  t.equal(send.log.match(/^starting/gm)?.length, 1)
  t.equal(home.file('local', id), undefined, 'it is not to be delivered again')
  home.remove()
})

for (const status of ['Z', 'D'] as const) {
  t.test(`a single recipient who is not reached (${status}) is preprocessed, and goes on from there`, async (t) => {
    const home = new Home()
    const held: string[] = []
    const send = new Send(home, slowClean(held))
    const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
    await send.deliver('local', status)
    await send.until(() => held.length === 1)
    t.same(held, [`todo/${id}`])
    t.equal(home.file('info', id), 'Fa@b.test\0')
    t.equal(home.file('local', id), 'Tjoe@me.test\0')
    t.equal(home.file('bounce', id), undefined, 'bounce/ only with info/ and without todo/')
    await send.stop('SIGKILL')
    home.remove()
  })
}

t.test('a single recipient is tried again at an ALRM that comes while the message is being preprocessed', async (t) => {
  const home = new Home()
  home.stock('a@b.test', { remote: 'Tann@far.test\0' }, seconds(), seconds() + 100_000)
  const held: string[] = []
  const send = new Send(home, slowClean(held))
  home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  await send.deliver('local', 'Z')
  await send.until(() => held.length === 1)
  send.child.kill('SIGALRM')
  await send.command('remote') // the other message shows that the signal has been noticed
  send.answer('+')
  await send.deliver('local', 'K')
  await send.stop('SIGKILL')
  t.equal(send.log.match(/^starting delivery \d+: msg \d+ to local/gm)?.length, 2)
  home.remove()
})

t.test('a lost lspawn ends send, whoever was being tried first', async (t) => {
  const home = new Home()
  const send = new Send(home)
  home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  await send.command('local')
  send.lose(0)
  t.equal(await send.ended(), 0)
  t.match(send.log, /^alert: oh no! lost spawn connection! dying\.\.\.$/m)
  home.remove()
})

t.test('files of an earlier attempt at preprocessing are not left behind a first try', async (t) => {
  const home = new Home()
  const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  writeFileSync(home.at('info', id), 'Fold@b.test\0')
  const held: string[] = []
  const send = new Send(home, slowClean(held))
  await send.until(() => held.length === 1)
  t.equal(home.file('info', id), 'Fa@b.test\0')
  t.notMatch(send.log, /starting/)
  await send.stop('SIGKILL')
  home.remove()
})

t.test('a message that clean cannot clean up stays in todo/ and is not delivered', async (t) => {
  const home = new Home()
  const send = new Send(home, { clean: () => '!' })
  const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test', 'ann@me.test'] })
  await send.logged(/^warning/)
  t.equal(await send.stop(), 0)
  t.match(send.log, `warning: qmail-clean unable to clean up todo/${id}\n`)
  t.notMatch(send.log, /starting/)
  t.not(home.file('todo', id), undefined)
  home.remove()
})

t.test('what an attempt cut short has left is made anew', async (t) => {
  const home = new Home()
  const id = home.todo({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  const split = Number(id) % 23
  home.write(`queue/info/${split}/${id}`, 'Fsomebody else\0')
  home.write(`queue/local/${split}/${id}`, 'Tann@me.test\0Dx')
  home.write(`queue/remote/${split}/${id}`, 'Tz@y.test\0')
  const send = new Send(home)
  t.equal(await send.deliver('local', 'K'), 'joe@me.test')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  t.equal(send.commands.remote.length, 0)
  t.same(home.files(), [])
  home.remove()
})

t.test('a message that is in todo/ and in info/ at the start is delivered once', async (t) => {
  const home = new Home({ concurrencylocal: '10\n' })
  const id = home.todo({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  home.write(`queue/info/${Number(id) % 23}/${id}`, 'Fa@b.test\0')
  home.write(`queue/local/${Number(id) % 23}/${id}`, 'Tjoe@me.test\0')
  const send = new Send(home)
  await send.deliver('local', 'K')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  t.equal(send.log.match(/starting/g)?.length, 1)
  home.remove()
})

t.test('records in any order, long lists, and every recipient once', async (t) => {
  const home = new Home({ concurrencylocal: '100\n' })
  const id = home.mess()
  const recipients = Array.from({ length: 20_000 }, (_, n) => `r${n}@me.test`)
  const records = recipients.map((recipient) => `T${recipient}\0`).join('')
  home.write(`queue/todo/${id}`, `${records}Fa@b.test\0p7\0u1x\0`)
  const send = new Send(home)
  const seen: string[] = []
  while (seen.length < recipients.length) {
    const { delivery, recipient } = await send.command('local')
    seen.push(recipient)
    send.report('local', delivery, 'K')
  }
  await send.logged(/^end msg/)
  t.strictSame(seen, recipients)
  t.match(send.log, /^info msg \d+: bytes 21 from <a@b\.test> qp 0 uid 0$/m)
  t.equal(await send.stop(), 0)
  home.remove()
})

const spoilt: [about: string, content: string, warning: RegExp][] = [
  ['an unknown record', 'u1\0p2\0Fa@b.test\0Tjoe@me.test\0Xy\0', /^warning: unknown record type in todo\/\d+$/m],
  ['no sender', 'u1\0p2\0Tjoe@me.test\0', /^warning: trouble reading todo\/\d+$/m],
  ['nothing in it', '', /^warning: trouble reading todo\/\d+$/m],
]
for (const [about, content, warning] of spoilt) {
  t.test(`a todo file with ${about} stays where it is, and the others pass`, async (t) => {
    const home = new Home()
    const bad = home.mess()
    home.write(`queue/todo/${bad}`, content)
    const send = new Send(home)
    await send.logged(warning)
    home.submit({ sender: 'a@b.test', recipients: ['good@me.test'] })
    t.equal(await send.deliver('local', 'K'), 'good@me.test')
    await send.logged(/^end msg/)
    t.equal(await send.stop(), 0)
    t.equal(home.file('todo', bad), content)
    t.equal(send.log.match(new RegExp(warning, 'gm'))?.length, 1, 'it is left alone for a while')
    home.remove()
  })
}

t.test('a message without its file stays in todo/', async (t) => {
  const home = new Home()
  const id = home.todo({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  renameSync(home.at('mess', id), `${home.path}/elsewhere`)
  const send = new Send(home)
  await send.logged(/^warning: unable to stat mess/)
  t.equal(await send.stop(), 0)
  t.notMatch(send.log, /new msg/)
  home.remove()
})

t.test('a file that cannot be created is named, and its message kept', async (t) => {
  const home = new Home()
  const id = home.todo({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  mkdirSync(home.at('local', id))
  const send = new Send(home)
  await send.logged(new RegExp(`^warning: unable to create local/${Number(id) % 23}/${id}$`))
  t.equal(await send.stop(), 0)
  t.not(home.file('todo', id), undefined)
  home.remove()
})

t.test('a message without recipients ends at once', async (t) => {
  const home = new Home()
  const send = new Send(home)
  const id = home.submit({ sender: 'a@b.test', recipients: [] })
  await send.logged(new RegExp(`^end msg ${id}`))
  t.equal(await send.stop(), 0)
  t.same(home.files(), [])
  home.remove()
})

t.test('every message of a flood is delivered exactly once, whenever the trigger is pulled', async (t) => {
  const home = new Home({ concurrencylocal: '20\n' })
  const send = new Send(home)
  const count = 600
  const names = Array.from({ length: count }, (_, n) => `m${n}`)
  const queueSome = (from: number): void => {
    for (const name of names.slice(from, from + 7)) home.submit({ sender: 'a@b.test', recipients: [`${name}@me.test`] })
    if (from + 7 < count) setImmediate(() => queueSome(from + 7))
  }
  queueSome(0)
  const seen: string[] = []
  while (seen.length < count) {
    const { delivery, recipient } = await send.command('local')
    seen.push(recipient)
    send.report('local', delivery, 'K', 'did 1+0+0\n')
  }
  await send.logged(/^end msg/, count)
  t.equal(await send.stop(), 0)
  t.strictSame(seen.sort(), names.map((name) => `${name}@me.test`).sort())
  t.same(home.files(), [])
  home.remove()
})

t.test('names in todo/ that are no numbers are passed over', async (t) => {
  const home = new Home()
  for (const name of ['core', '12x', 'x12']) home.write(`queue/todo/${name}`, 'Fa@b.test\0Tjoe@me.test\0')
  const send = new Send(home)
  home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  await send.deliver('local', 'K')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  t.equal(send.log.match(/new msg/g)?.length, 1)
  home.remove()
})

t.test('the sweep removes messages that nobody has touched for 36 hours, and no others', async (t) => {
  const home = new Home()
  const old = seconds() - 129_700
  const orphan = home.mess()
  const young = home.mess()
  const queued = home.stock('', { local: 'Tjoe@me.test\0' }, seconds(), seconds() + 1_000)
  writeFileSync(home.at('mess', orphan).replace(orphan, 'notes'), '')
  for (const id of [orphan, queued]) utimesSync(home.at('mess', id), old, old)
  const send = new Send(home)
  await send.until(() => send.cleaned.length > 0)
  t.equal(await send.stop(), 0)
  t.same(send.cleaned, [`foop/${orphan}`])
  t.not(home.file('mess', young), undefined)
  t.not(home.file('mess', queued), undefined)
  home.remove()
})
