/** Failures, and who hears of them. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

/** A queue program that keeps what it gets in the home and exits with the code in the file `exit`. */
function fakeQueue(home: Home, code = 0): Record<string, string> {
  const script = join(home.path, 'fakequeue')
  writeFileSync(script, `#!/bin/sh\ncat >mess.$$\ncat <&1 >envelope.$$\nmv mess.$$ got.$$\nexit $(cat exit)\n`)
  chmodSync(script, 0o755)
  home.write('exit', `${code}\n`)
  return { QMAILQUEUE: './fakequeue' }
}

/** What the queue program got: messages and envelopes. */
function queued(home: Home): { mess: string; envelope: string }[] {
  const pids = readdirSync(home.path).flatMap((name) => /^got\.(\d+)$/.exec(name)?.[1] ?? [])
  const read = (name: string): string => readFileSync(join(home.path, name)).toString('latin1')
  return pids.map((pid) => ({ mess: read(`got.${pid}`), envelope: read(`envelope.${pid}`) }))
}

t.test('failures are told to the sender, with a copy of the message', async (t) => {
  const home = new Home({ concurrencylocal: '5\n', virtualdomains: 'v.test:joe\n', bouncefrom: 'post office\n', bouncehost: 'b.test\n' })
  const send = new Send(home, { env: fakeQueue(home) })
  const text = `Subject: \xe9\n\n${'body\n'.repeat(50_000)}`
  const id = home.submit({ sender: 'an other@b.test', recipients: ['no@me.test', 'x@v.test', 'yes@me.test'], text })
  for (const reason of ['No.\n', 'Neither\n\n\nthis', undefined]) {
    const { delivery } = await send.command('local')
    send.report('local', delivery, reason === undefined ? 'K' : 'D', reason)
  }
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  const [bounce, ...others] = queued(home)
  t.same(others, [])
  t.equal(bounce?.envelope, 'F\0Tan other@b.test\0\0')
  const [head, paragraphs, copy] = bounce?.mess.split(/(?<=work out\.\n\n)|(?=--- Below)/) ?? []
  t.match(head, /^Date: .* -0000\nFrom: "post office"@b\.test\nTo: "an other"@b\.test\nSubject: failure notice\n\nHi\. /)
  const failures = ['<no@me.test>:\nNo.\n\n', '<x@v.test>:\nNeither\n//this\n\n']
  t.ok(paragraphs === failures.join('') || paragraphs === failures.toReversed().join(''))
  t.equal(copy, `--- Below this line is a copy of the message.\n\nReturn-Path: <"an other"@b.test>\n${text}`)
  t.match(send.log, new RegExp(`^bounce msg ${id} qp [0-9]+\nend msg ${id}$`, 'm'))
  t.same(home.files(), [])
  home.remove()
})

t.test('a bounce that fails goes to the postmaster', async (t) => {
  const home = new Home({ doublebounceto: 'boss\n', doublebouncehost: 'office.test\n' })
  const send = new Send(home, { env: fakeQueue(home) })
  home.submit({ sender: '', recipients: ['no@me.test'] })
  await send.deliver('local', 'D', 'No.\n')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  const [bounce] = queued(home)
  t.equal(bounce?.envelope, 'F#@[]\0Tboss@office.test\0\0')
  t.match(bounce?.mess, 'To: boss@office.test\n')
  t.match(bounce?.mess, 'I tried to deliver a bounce message to this address, but the bounce bounced!\n\n<no@me.test>:\nNo.\n\n--- Below')
  home.remove()
})

t.test('a double bounce that fails is dropped', async (t) => {
  const home = new Home()
  const send = new Send(home, { env: fakeQueue(home) })
  const id = home.submit({ sender: '#@[]', recipients: ['no@me.test'] })
  await send.deliver('local', 'D', 'No.\n')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  t.match(send.log, `triple bounce: discarding bounce/${id}\nend msg ${id}\n`)
  t.same(queued(home), [])
  t.same(home.files(), [])
  home.remove()
})

t.test('the bounce of a VERP sender goes to the sender without the mark', async (t) => {
  const home = new Home()
  const send = new Send(home, { env: fakeQueue(home) })
  home.submit({ sender: 'l-@me.test-@[]', recipients: ['no@me.test'] })
  await send.deliver('local', 'D', 'No.\n')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  t.equal(queued(home)[0]?.envelope, 'F\0Tl-@me.test\0\0')
  home.remove()
})

t.test('a bounce that queue does not take is kept, and sent by the next send', async (t) => {
  const home = new Home()
  const env = fakeQueue(home, 53)
  const first = new Send(home, { env })
  const id = home.submit({ sender: 'a@b.test', recipients: ['no@me.test'] })
  await first.deliver('local', 'D', 'No.\n')
  await first.logged(/^warning: trouble injecting bounce message, will try later$/)
  t.equal(await first.stop(), 0)
  t.notMatch(first.log, /end msg|bounce msg/)
  t.same(home.files(), [`bounce/${id}`, `info/${Number(id) % 23}/${id}`, `mess/${Number(id) % 23}/${id}`])
  home.write('exit', '0\n')
  const second = new Send(home, { env })
  await second.logged(/^end msg/)
  t.equal(await second.stop(), 0)
  t.match(second.log, new RegExp(`^bounce msg ${id} qp `, 'm'))
  t.same(home.files(), [])
  home.remove()
})

t.test('a bounce that cannot be read is not sent half', async (t) => {
  const home = new Home()
  const send = new Send(home, { env: fakeQueue(home) })
  const id = home.stock('a@b.test', {}, Math.floor(Date.now() / 1000))
  mkdirSync(home.at('bounce', id))
  await send.logged(/^warning: trouble injecting bounce message, will try later$/)
  t.equal(await send.stop(), 0)
  t.ok(queued(home).every(({ envelope }) => !envelope.endsWith('\0\0')))
  t.not(home.file('mess', id), undefined)
  rmdirSync(home.at('bounce', id))
  home.remove()
})

t.test('a failure that cannot be written down does not count', async (t) => {
  const home = new Home({ concurrencylocal: '5\n' })
  const send = new Send(home, { env: fakeQueue(home) })
  const id = home.stock('a@b.test', { local: 'Tno@me.test\0Tlater@me.test\0' }, Math.floor(Date.now() / 1000))
  mkdirSync(home.at('bounce', id))
  await send.deliver('local', 'D', 'No.\n')
  await send.logged(/^alert: unable to append to bounce message; HELP! sleeping\.\.\.$/)
  t.equal(home.file('local', id), 'Tno@me.test\0Tlater@me.test\0')
  t.equal(await send.deliver('local', 'K'), 'later@me.test', 'everything else goes on')
  await send.logged(/^delivery 2: success/)
  t.equal(await send.stop(), 0)
  t.equal(home.file('local', id), 'Tno@me.test\0Dlater@me.test\0')
  home.remove()
})

t.test('many failures of one message make one bounce', async (t) => {
  const home = new Home({ concurrencylocal: '100\n' })
  const send = new Send(home, { env: fakeQueue(home) })
  const count = 500
  home.submit({ sender: 'a@b.test', recipients: Array.from({ length: count }, (_, n) => `r${n}@me.test`) })
  for (let n = 0; n < count; n += 1) await send.deliver('local', 'D', `reason ${n}\n`)
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  const [bounce, ...others] = queued(home)
  t.same(others, [])
  t.equal(new Set(bounce?.mess.match(/^<r\d+@me\.test>:\nreason \d+\n\n/gm)).size, count)
  home.remove()
})

t.test('bouncemaxbytes and doublebouncetrim shorten the copy, and say so', async (t) => {
  const rest = '\n--- Rest of message truncated.\n'
  const long = `Subject: s\n\n${'x'.repeat(200_000)}\n`
  const wide = `${'X-Field: wide\n'.repeat(10_000)}\nbody\n`
  const cases: [Record<string, string>, string, string, string][] = [
    [{ bouncemaxbytes: '15\n' }, 'a@b.test', 'S: s\n\n1234567890\n', `S: s\n\n123456789\n${rest}`],
    [{ bouncemaxbytes: '6\n' }, 'a@b.test', 'S: s\n\n1234567890\n', `S: s\n\n${rest}`],
    [{ bouncemaxbytes: '17\n' }, 'a@b.test', 'S: s\n\n1234567890\n', 'S: s\n\n1234567890\n'],
    [{ bouncemaxbytes: '100000\n' }, 'a@b.test', long, `${long.slice(0, 100_000)}\n${rest}`],
    [{ bouncemaxbytes: '0\n' }, '', long, long],
    [{ doublebouncetrim: '1\n' }, 'a@b.test', long, long],
    [{ doublebouncetrim: '1\n' }, '', long, `Subject: s\n${rest}`],
    [{ doublebouncetrim: '1\n' }, '', wide, `${wide.slice(0, -6)}${rest}`],
    [{ doublebouncetrim: '1\n', bouncemaxbytes: '4\n' }, '', long, `Subj\n${rest}`],
    [{ doublebouncetrim: '1\n' }, '', '\nno header\n', rest],
    [{ doublebouncetrim: '1\n' }, '', 'Only: header\n', 'Only: header\n'],
  ]
  for (const [controls, sender, text, copy] of cases) {
    const home = new Home(controls)
    const send = new Send(home, { env: fakeQueue(home) })
    home.submit({ sender, recipients: ['no@me.test'], text })
    await send.deliver('local', 'D', 'No.\n')
    await send.logged(/^end msg/)
    await send.stop()
    const mess = queued(home)[0]?.mess ?? ''
    t.equal(mess.split(`\nReturn-Path: <${sender}>\n`)[1], copy)
    home.remove()
  }
})
