/** That something is done is on the disk a moment later, without another message that would bring it there. */
import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Home } from './rig/home.ts'
import { type Options, Send } from './rig/send.ts'

const noStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0 ? false : 'strace is not installed or may not trace'

/** A send whose syncs are watched. */
class Watched {
  readonly home: Home
  readonly send: Send
  readonly #trace: string

  constructor(t: Test, controls: Record<string, string> = {}, options: Options = {}, inject: readonly string[] = []) {
    this.home = new Home(controls)
    t.teardown(() => this.home.remove())
    this.#trace = join(t.testdir({}), 'trace')
    const tracer = () => ['strace', '-D', '-f', '-y', '-o', this.#trace, '-e', 'trace=fsync', ...inject]
    this.send = new Send(this.home, { ...options, tracer })
  }

  /** What has been synced, in order; relative to queue/. */
  synced(): string[] {
    const text = readFileSync(this.#trace, 'latin1')
    return [...text.matchAll(/ fsync\(\d+<[^>]*\/queue\/([^>]*)>/g)].map(([, path = '']) => path)
  }

  async until(path: string): Promise<void> {
    while (!this.synced().includes(path)) await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

t.test('a sync of todo/ follows a delivery, though no other message arrives', { skip: noStrace }, async (t) => {
  for (const spare of [true, false]) {
    const watched = new Watched(t, {}, { spare })
    const { home, send } = watched
    home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
    await send.deliver('local', 'K')
    await watched.until('todo')
    t.same(watched.synced(), ['todo'], 'and nothing else costs a sync')
    t.equal(await send.stop(), 0)
  }
})

t.test('a D is synced in its channel file, and the end of that in its directory', { skip: noStrace }, async (t) => {
  const watched = new Watched(t)
  const { home, send } = watched
  const id = home.stock('a@b.test', { local: 'Tjoe@me.test\0Tann@me.test\0' }, Math.floor(Date.now() / 1000))
  const directory = `local/${Number(id) % 23}`
  await send.deliver('local', 'K')
  await watched.until(`${directory}/${id}`)
  t.equal(home.file('local', id), 'Djoe@me.test\0Tann@me.test\0')
  await send.deliver('local', 'K')
  await watched.until(directory)
  t.equal(await send.stop(), 0)
})

t.test('the removal of a bounce file is synced, so that no second bounce is sent', { skip: noStrace }, async (t) => {
  const watched = new Watched(t, {}, { env: { QMAILQUEUE: './fakequeue' } })
  const { home, send } = watched
  home.write('fakequeue', '#!/bin/sh\ncat >/dev/null; cat <&1 >/dev/null\n')
  chmodSync(join(home.path, 'fakequeue'), 0o755)
  home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  await send.deliver('local', 'D', 'no\n')
  await send.logged(/^end msg/)
  await watched.until('bounce')
  t.equal(await send.stop(), 0)
})

t.test('messages that are delivered in one twentieth of a second share a sync', { skip: noStrace }, async (t) => {
  const watched = new Watched(t, { concurrencylocal: '20\n' })
  const { home, send } = watched
  await send.logged(/^status/)
  const began = performance.now()
  for (let n = 0; n < 300; n += 1) home.submit({ sender: 'a@b.test', recipients: [`u${n}@me.test`] })
  for (let n = 0; n < 300; n += 1) await send.deliver('local', 'K')
  await send.logged(/^end msg/, 300)
  await watched.until('todo')
  const count = watched.synced().length
  t.ok(count <= (performance.now() - began) / 50 + 1, `${count} syncs`)
  t.equal(await send.stop(), 0)
})

t.test('send has synced what is done when it has left', { skip: noStrace }, async (t) => {
  const watched = new Watched(t)
  const { home, send } = watched
  home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  await send.deliver('local', 'K')
  t.equal(await send.stop(), 0)
  await watched.until('todo')
})

t.test('a sync that fails is one line in the log, and stops nothing', { skip: noStrace }, async (t) => {
  const watched = new Watched(t, {}, {}, ['-e', 'inject=fsync:error=EIO'])
  const { home, send } = watched
  for (const count of [1, 2]) {
    home.submit({ sender: 'a@b.test', recipients: ['joe@me.test'] })
    await send.deliver('local', 'K')
    await send.logged(/^end msg/, count)
    while (watched.synced().length < count) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  t.equal(await send.stop(), 0)
  t.same(send.log.match(/^warning: .*$/gm), [
    'warning: unable to sync todo: input/output error; after a power cut the last deliveries may be made again',
  ])
})
