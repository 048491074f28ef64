/** Times of a clock that was ahead: what was queued then is tried now, and retried from now on. */
import { spawnSync } from 'node:child_process'
import { existsSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

const faketime = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'
const days = 86_400
const said = /^warning: times in the future: the clock was ahead; messages that were queued then count as queued now$/

t.test('E1: messages that were queued while the clock was 400 days ahead are tried at the start, and their ages begin now', async (t) => {
  const home = new Home({ concurrencylocal: '5\n', concurrencyremote: '5\n' })
  const now = Math.floor(Date.now() / 1000)
  const ahead = now + 400 * days
  const ids = [1, 2].map(() => home.stock('a@b.test', { local: 'Tjoe@me.test\0', remote: 'Tx@y.test\0' }, ahead, ahead + 100))
  const held = home.stock('a@b.test', { local: 'Theld@me.test\0' }, ahead, 2_147_483_647)
  const delayed = home.stock('a@b.test', { local: 'Tdelayed@me.test\0' }, now - 10, ahead)
  const soon = home.stock('a@b.test', { local: 'Tsoon@me.test\0' }, now + 30, now + 1_000)
  const send = new Send(home)
  for (const channel of ['local', 'local', 'remote', 'remote'] as const) await send.deliver(channel, 'Z', 'not now\n')
  await send.logged(/deferral/, 4)
  t.equal(await send.stop(), 0)
  for (const id of ids) {
    const birth = home.mtime('info', id)
    t.ok(birth >= now && birth <= Math.floor(Date.now() / 1000), 'its birth is now')
    t.ok(home.mtime('local', id) - birth >= 100 && home.mtime('local', id) - birth <= 1_000, 'as after any first attempt')
    t.ok(home.mtime('remote', id) - birth >= 400 && home.mtime('remote', id) - birth <= 2_000)
  }
  t.equal(home.mtime('local', held), 2_147_483_647, 'what is held stays held')
  t.equal(home.mtime('local', delayed), ahead, 'a message with a right birth is left as it is')
  t.equal(home.mtime('local', soon), now + 1_000, 'and so is one of half a minute ahead')
  t.equal([...send.log.matchAll(new RegExp(said, 'gm'))].length, 1, 'it is said once')
  home.remove()
})

t.test('E1: a message that was queued before the clock was set is not too old; one that somebody has made old is', async (t) => {
  const home = new Home()
  const now = Math.floor(Date.now() / 1000)
  const stock = () => home.stock('a@b.test', { local: 'Tjoe@me.test\0' }, 90)
  const [unset, aged] = [stock(), stock()]
  utimesSync(home.at('mess', unset), 80, 80)
  const send = new Send(home)
  for (const _ of [1, 2]) await send.deliver('local', 'Z', 'not now\n')
  await send.logged(/^delivery \d: deferral: /)
  await send.logged(/^warning: times before 2001: the clock was not set; messages that were queued then count as queued now$/)
  await send.logged(/^delivery \d: failure: /)
  await send.logged(new RegExp(`^bounce msg ${aged} `))
  t.ok(home.mtime('info', unset) >= now, 'its birth is now')
  t.notMatch(send.log, `bounce msg ${unset} `)
  t.equal(await send.stop('SIGKILL'), 'SIGKILL', 'the bounce is under way')
  home.remove()
})

t.test(
  'E1: a clock that is set back while send runs is noticed',
  { skip: !existsSync(faketime) && 'faketime is not installed' },
  async (t) => {
    const home = new Home()
    const clock = join(home.path, 'clock')
    writeFileSync(clock, '+400d\n')
    const env = {
      LD_PRELOAD: faketime,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_RESET: '1',
      NO_FAKE_STAT: '1',
    }
    t.equal(spawnSync('true', { env: { ...process.env, ...env } }).status, 0)
    const send = new Send(home, { env })
    const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test', 'ann@me.test'] })
    await send.deliver('local', 'Z', 'not now\n')
    await send.deliver('local', 'K')
    await send.logged(/^delivery 2: success/)
    home.submit({ sender: 'a@b.test', recipients: ['x@y.test'] })
    const { delivery } = await send.command('remote')
    const ahead = Math.floor(Date.now() / 1000) + 400 * days
    utimesSync(home.at('info', id), ahead, ahead) // the system's clock cannot be set here, and files have its time
    writeFileSync(clock, '+0d\n')
    send.report('remote', delivery, 'K') // something happens
    t.equal(await send.deliver('local', 'K'), 'joe@me.test')
    await send.logged(said)
    await send.logged(/^end msg/, 2)
    t.equal(await send.stop('SIGKILL'), 'SIGKILL')
    home.remove()
  },
)
