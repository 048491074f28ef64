/**
 * Neither a flood into todo/ nor one of deliveries keeps the other waiting. All by counts: whatever the clock does, send can
 * begin only so many messages before it must hear from clean, which is this test, as lspawn is.
 */
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

const atOnce = 64 // messages that are being preprocessed
const born = Math.floor(Date.now() / 1000) - 100

const recipients = (count: number): string => Array.from({ length: count }, (_, n) => `Tu${n}@me.test\0`).join('')

/** Two recipients: preprocessed before anything else. Their channel is held, so that nothing of them is delivered. */
const flood = (home: Home, count: number): string[] =>
  Array.from({ length: count }, () => home.todo({ sender: 'a@b.test', recipients: ['x@y.test', 'z@y.test'] }))

/** How many lines of one kind stand between two of the other, at most. */
function longestRun(log: string, counted: RegExp, between: RegExp): number {
  let run = 0
  let longest = 0
  for (const line of log.split('\n')) {
    if (between.test(line)) run = 0
    else if (counted.test(line)) run += 1
    longest = Math.max(longest, run)
  }
  return longest
}

t.test('deliveries go on in a flood into todo/', async (t) => {
  const home = new Home({ concurrencyremote: '0\n' })
  home.stock('a@b.test', { local: recipients(40) }, born)
  flood(home, 1_000)
  const send = new Send(home)
  for (let count = 0; count < 40; count += 1) await send.deliver('local', 'K')
  await send.logged(/^end msg/)
  await send.logged(/^info msg/, 1_000)
  const until = send.log.slice(0, send.log.indexOf('end msg'))
  t.ok(longestRun(until, /^info msg/, /^delivery/) <= 4 * atOnce, 'between two deliveries only so many messages are taken in')
  t.equal(await send.stop(), 0)
  home.remove()
})

t.test('messages are taken in during a flood of deliveries', async (t) => {
  const slots = 20
  const home = new Home({ concurrencylocal: `${slots}\n`, concurrencyremote: '0\n' })
  home.stock('a@b.test', { local: recipients(3_000) }, born)
  const send = new Send(home)
  let delivered = 0
  const deliver = (async () => {
    for (; delivered < 3_000; delivered += 1) await send.deliver('local', 'K')
  })()
  await send.until(() => delivered > 100)
  flood(home, 300)
  home.pull()
  await deliver
  await send.logged(/^end msg/)
  await send.logged(/^info msg/, 300)
  const begun = [...send.log.matchAll(/^new msg .*$/gm)].map(({ index }) => index)
  const batch = send.log.slice(begun[0], begun[atOnce - 1])
  const ends = [...batch.matchAll(/^delivery/gm)].length
  t.ok(ends <= 8 * slots, `${atOnce} messages are begun within a few turns, each of which ends no more deliveries than there are slots`)
  t.equal(await send.stop(), 0)
  home.remove()
})

t.test('everything in todo/ is taken in while no delivery ever ends', async (t) => {
  const home = new Home({ concurrencylocal: '3\n', concurrencyremote: '0\n' })
  home.stock('a@b.test', { local: recipients(10) }, born)
  const send = new Send(home)
  await send.until(() => send.commands.local.length === 3)
  const ids = flood(home, 200)
  for (let count = 0; count < 200; count += 1) ids.push(home.todo({ sender: 'a@b.test', recipients: ['one@me.test'] }))
  home.pull()
  await send.until(() => send.cleaned.length === ids.length)
  t.same([...send.cleaned].sort(), ids.map((id) => `todo/${id}`).sort())
  t.equal(send.commands.local.length, 3)
  t.equal(await send.stop('SIGKILL'), 'SIGKILL')
  home.remove()
})

t.test('everything is delivered while clean never answers for todo/', async (t) => {
  const home = new Home({ concurrencyremote: '0\n' })
  home.stock('a@b.test', { local: recipients(300) }, born)
  flood(home, 200)
  const send = new Send(home, { clean: (command) => (command.startsWith('foop/') ? '+' : undefined) })
  await send.until(() => send.cleaned.length === atOnce)
  for (let count = 0; count < 300; count += 1) await send.deliver('local', 'K')
  await send.logged(/^delivery 300: success/)
  t.equal(send.cleaned.filter((command) => command.startsWith('todo/')).length, atOnce, 'no more are begun than can be ended')
  t.equal(await send.stop('SIGKILL'), 'SIGKILL')
  home.remove()
})

t.test('while clean does not answer, only so many messages are delivered and not removed, and what is in the queue goes on', async (t) => {
  const slots = 20
  const count = 1_500
  const owed = 1_024 // answers of clean
  const home = new Home({ concurrencylocal: `${slots}\n`, concurrencyremote: '1\n' })
  const names = Array.from({ length: count }, (_, n) => `m${n}@me.test`)
  for (const name of names) home.todo({ sender: 'a@b.test', recipients: [name] })
  home.stock('a@b.test', { remote: recipients(100).replaceAll('@me.test', '@far.test') }, born)
  const held: string[] = []
  const send = new Send(home, {
    clean: (command) => {
      held.push(command)
      return undefined
    },
  })
  await send.logged(/^new msg/, count) // all of them are begun before the first is delivered
  const seen: string[] = []
  const deliver = async (): Promise<void> => {
    const { delivery, recipient } = await send.command('local')
    seen.push(recipient)
    send.report('local', delivery, 'K')
  }
  while (seen.length < owed) await deliver()
  await send.until(() => held.filter((command) => command.startsWith('todo/')).length >= owed)
  for (let n = 0; n < 100; n += 1) {
    await send.deliver('remote', 'K') // turns go by
    while (send.commands.local.length > 0) await deliver()
  }
  t.ok(seen.length < owed + 2 * slots, `${seen.length} are delivered`)

  send.answer('+'.repeat(held.splice(0).length))
  const rest = setInterval(() => send.answer('+'.repeat(held.splice(0).length)), 10)
  while (seen.length < count) await deliver()
  await send.logged(/^end msg/, count + 1)
  t.same([...seen].sort(), [...names].sort(), 'every one once')
  t.equal(await send.stop(), 0)
  clearInterval(rest)
  home.remove()
})
