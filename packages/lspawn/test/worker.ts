import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { User } from '@yabumi/users'
import t from 'tap'
import type { Ending } from '../src/verdict.ts'
import { Workers } from '../src/workers.ts'
import { gid, isRoot, TestHome, uid } from './support/home.ts'

t.test('a worker that dies defers what it had under way, and the next delivery has a new one', async (t) => {
  const home = new TestHome()
  home.user('joe', {
    '.qmail-die': '|echo $PPID >pid; kill -9 $PPID\n',
    '.qmail-wait': '|echo x >ready; read x <gate\n',
    '.qmail-f': '|mkfifo ready gate\n',
    '.qmail-r': '|read x <ready\n',
  })
  await home.start()
  await home.deliver('joe-f@h')
  const waiting = home.deliver('joe-wait@h')
  await home.deliver('joe-r@h')
  t.equal(await home.deliver('joe-die@h'), 'Zqmail-local crashed.\n')
  t.equal(await waiting, 'Zqmail-local crashed.\n')
  t.equal(await home.deliver('joe@h'), 'Kdid 1+0+0\n')
  await home.end()
})

t.test('a worker that comes upon an error of its own ends at once, whatever is under way', async (t) => {
  const home = new TestHome()
  home.user('joe', { '.qmail-wait': '|echo x >ready; read x <gate\n', '.qmail-f': '|mkfifo ready gate\n', '.qmail-r': '|read x <ready\n' })
  home.program('planted.cjs', `setInterval(() => { if (require('fs').existsSync('${home.path}/now')) throw new Error('planted') }, 10)\n`)
  const local = join(import.meta.dirname, '../../../bin/local')
  home.replaceLocal(`#!/bin/sh\nNODE_OPTIONS="--require ${home.path}/planted.cjs" exec ${local} "$@"\n`)
  await home.start()
  await home.deliver('joe-f@h')
  const waiting = home.deliver('joe-wait@h')
  await home.deliver('joe-r@h')
  home.program('now', '')
  t.equal(await waiting, 'Zqmail-local crashed.\n')
  await home.end()
})

t.test('what a worker writes on descriptor 2 is marked as its user’s and cleaned', async (t) => {
  const home = new TestHome()
  home.user('joe')
  const local = join(import.meta.dirname, '../../../bin/local')
  home.replaceLocal(`#!/bin/sh\nprintf 'send: end msg 5\\n\\033[2J' >&2\nexec ${local} "$@"\n`)
  await home.start()
  t.equal(await home.deliver('joe@h'), 'Kdid 1+0+0\n')
  await home.end()
  t.match(home.log, new RegExp(`^lspawn: uid ${uid}: send:_end_msg_5\n`))
})

t.test('more deliveries at once than the worker’s socket takes descriptors are all made', async (t) => {
  const home = new TestHome()
  home.user('joe', { 'M/tmp/': '', 'M/new/': '', 'M/cur/': '', '.qmail': './M/\n' })
  await home.start({}, undefined, 2)
  const reports = await home.deliverTogether('joe@h', 600)
  t.same([...new Set(reports)], ['Kdid 1+0+0\n'])
  t.equal(home.list('joe', 'M/new').length, 600)
  await home.end()
})

t.test('a worker that takes no descriptors and answers all the same is ended, and gets nobody else’s message', async (t) => {
  const home = new TestHome()
  home.user('joe')
  const answers = Array.from({ length: 300 }, (_, number) => `${number + 1}\\0000\\0stolen\\000`).join('')
  home.replaceLocal(`#!/bin/sh\nhead -c 2 >/dev/null\nprintf '${answers}'; exec sleep 1000\n`)
  await home.start({}, undefined, 2)
  const reports = await home.deliverTogether('joe@h', 400)
  t.ok(reports.includes('Zqmail-local crashed.\n'))
  t.equal(await home.end(), 0)
})

t.test('a worker that cannot be run defers, however it fails', async (t) => {
  for (const script of ['#!/bin/sh\nexit 1\n', '#!/bin/sh\nexit 100\n', '#!/nonexistent\n', 'no program']) {
    const home = new TestHome()
    home.user('joe')
    home.replaceLocal(script)
    await home.start()
    t.equal(await home.deliver('joe@h'), 'ZUnable to run qmail-local.\n', script)
    t.equal(await home.end(), 0)
  }
})

t.test('a worker that answers garbage hurts only its own deliveries', async (t) => {
  const garbage = [
    'exec yes garbage',
    'printf "7\\0000\\0text\\000"; exec sleep 1000',
    'printf "1\\000999\\0text\\000"; exec sleep 1000',
    'head -c 100000 /dev/urandom; exec sleep 1000',
  ]
  for (const command of garbage) {
    const home = new TestHome()
    home.user('joe')
    home.replaceLocal(`#!/bin/sh\nhead -c 2 >/dev/null\n${command}\n`)
    await home.start()
    t.equal(await home.deliver('joe@h'), 'Zqmail-local crashed.\n', command)
    t.equal(await home.deliver('@h'), 'K', 'lspawn goes on')
    t.equal(await home.end(), 0)
  }
})

t.test('a worker answers for the number and with the text it was asked for', async (t) => {
  const home = new TestHome()
  home.user('joe')
  home.replaceLocal('#!/bin/sh\nhead -c 2 >/dev/null\nprintf "1\\000100\\0no\\nthanks\\000"; cat >/dev/null\n')
  await home.start()
  t.equal(await home.deliver('joe@h'), 'Dno\nthanks')
  await home.end()
})

/** Deliveries through Workers themselves, which keep other limits than lspawn's. */
class Deliveries {
  readonly home = new TestHome()
  readonly workers: Workers
  readonly log: string[] = []

  constructor(most: number, idleSeconds: number, silenceSeconds = 600) {
    this.workers = new Workers((line) => this.log.push(line), { most, idleSeconds, silenceSeconds })
    process.env['YABUMI_HOME'] = this.home.path
    process.chdir(this.home.path)
  }

  /** @returns how a delivery to a user ended, and what was written; by a program */
  run(name: string, program: string): Promise<{ ending: Ending; written: string }> {
    const home = join(this.home.path, 'homes', name)
    const user: User = { user: name, uid, gid, home, dash: '', extension: '' }
    const fd = openSync(join(this.home.path, 'queue/mess/1/1'), 'r')
    const args = [name, home, name, '', '', 'h', 's@x', `|${program}`]
    return new Promise((resolve) => {
      this.workers.deliver(user, isRoot ? { uid, gid, groups: [] } : undefined, args, fd, (ending, written) => {
        closeSync(fd)
        resolve({ ending, written })
      })
    })
  }

  /** @returns the pid of the worker, as a program of the user sees it */
  async to(name: string): Promise<number> {
    const { ending } = await this.run(name, 'echo $PPID >pid')
    if (ending !== 0) throw new Error(`delivery to ${name} ended with ${ending}`)
    return Number(this.home.read(name, 'pid'))
  }
}

t.test('the worker that was idle longest makes room', async (t) => {
  const deliveries = new Deliveries(2, 600)
  for (const name of ['a', 'b', 'c']) deliveries.home.user(name)
  const a = await deliveries.to('a')
  const b = await deliveries.to('b')
  t.equal(await deliveries.to('a'), a)
  await deliveries.to('c')
  t.equal(deliveries.workers.size, 2)
  t.equal(await deliveries.to('a'), a, 'the one used last has stayed')
  t.not(await deliveries.to('b'), b)
  await deliveries.workers.dismissAll()
  t.equal(deliveries.workers.size, 0)
})

t.test('a worker without deliveries is let go after its time', async (t) => {
  const deliveries = new Deliveries(9, 0.001)
  deliveries.home.user('a')
  const first = await deliveries.to('a')
  while (deliveries.workers.size > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  t.not(await deliveries.to('a'), first)
  await deliveries.workers.dismissAll()
})

t.test('a worker that its user has stopped is ended when it is let go', async (t) => {
  const deliveries = new Deliveries(9, 600)
  deliveries.home.user('a')
  const worker = await deliveries.to('a')
  process.kill(worker, 'SIGSTOP')
  await deliveries.workers.dismissAll()
  t.throws(() => process.kill(worker, 0), { code: 'ESRCH' })
})

t.test('a worker that says nothing and does not answer when it is asked is given up, with its deliveries', async (t) => {
  const deliveries = new Deliveries(9, 600, 0.5)
  deliveries.home.user('a')
  const { ending, written } = await deliveries.run('a', 'kill -STOP $PPID')
  t.equal(ending, 'silent')
  t.match(written, /^Delivery in .*\/homes\/a does not come to an end; .* \(#4\.3\.0\)\n$/)
  t.match(deliveries.log, [/^lspawn: uid \d+: the worker for .*\/homes\/a does not answer; its mail waits$/])
  await deliveries.workers.dismissAll()
})
