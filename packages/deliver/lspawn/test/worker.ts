import { chmodSync, closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spareMessageBytes } from '@yabumi/limits'
import { makeFifo } from '@yabumi/posix'
import type { User } from '@yabumi/users'
import t from 'tap'
import { until } from '../../../../test/support/wait.ts'
import { memoryIsShort } from '../src/memory.ts'
import type { Ending } from '../src/verdict.ts'
import { Workers } from '../src/workers.ts'
import { gid, isRoot, TestHome, uid } from './support/home.ts'

/** End the program of joe that waits at its gate, should it have outlived its worker. */
function openGate(home: TestHome): void {
  closeSync(openSync(join(home.path, 'homes/joe/gate'), constants.O_RDWR | constants.O_NONBLOCK))
}

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
  openGate(home)
  await home.end()
})

t.test('a worker that comes upon an error of its own ends at once, whatever is under way', async (t) => {
  const home = new TestHome()
  home.user('joe', { '.qmail-wait': '|echo x >ready; read x <gate\n', '.qmail-f': '|mkfifo ready gate\n', '.qmail-r': '|read x <ready\n' })
  home.program('planted.cjs', `setInterval(() => { if (require('fs').existsSync('${home.path}/now')) throw new Error('planted') }, 10)\n`)
  const local = join(import.meta.dirname, '../../../../bin/local')
  home.replaceLocal(`#!/bin/sh\nNODE_OPTIONS="--require ${home.path}/planted.cjs" exec ${local} "$@"\n`)
  await home.start()
  await home.deliver('joe-f@h')
  const waiting = home.deliver('joe-wait@h')
  await home.deliver('joe-r@h')
  home.program('now', '')
  t.equal(await waiting, 'Zqmail-local crashed.\n')
  openGate(home)
  await home.end()
})

t.test('what a worker writes on descriptor 2 is marked as its user’s and cleaned', async (t) => {
  const home = new TestHome()
  home.user('joe')
  const local = join(import.meta.dirname, '../../../../bin/local')
  home.replaceLocal(`#!/bin/sh\nprintf 'send: end msg 5\\n\\033[2J' >&2\nexec ${local} "$@"\n`)
  await home.start()
  t.equal(await home.deliver('joe@h'), 'Kdid 1+0+0\n')
  await home.end()
  t.match(home.log, new RegExp(`^lspawn: uid ${uid}: send:_end_msg_5\n`))
})

/** One that a worker gets as a descriptor. */
const long = 'x'.repeat(spareMessageBytes + 1)

t.test('F4: more deliveries at once than the worker’s socket takes descriptors are all made', async (t) => {
  const home = new TestHome()
  home.user('joe', { 'M/tmp/': '', 'M/new/': '', 'M/cur/': '', '.qmail': './M/\n' })
  home.message('1/2', long)
  await home.start({}, undefined, 2)
  for (const [message, sum] of [
    ['1/1', 600],
    ['1/2', 1200],
  ] as const) {
    t.same([...new Set(await home.deliverTogether('joe@h', 600, message))], ['Kdid 1+0+0\n'])
    t.equal(home.list('joe', 'M/new').length, sum)
  }
  await home.end()
})

t.test('a worker that takes no descriptors and answers all the same is ended, and gets nobody else’s message', async (t) => {
  const home = new TestHome()
  home.user('joe')
  home.message('1/2', long)
  const answers = Array.from({ length: 300 }, (_, number) => `${number + 1}\\0000\\0stolen\\000`).join('')
  home.replaceLocal(`#!/bin/sh\nhead -c 2 >/dev/null\nprintf '${answers}'; exec sleep 1000\n`)
  await home.start({}, undefined, 2)
  const reports = await home.deliverTogether('joe@h', 400, '1/2')
  // the second, if the first was ended before another one had begun
  const deferrals = ['Zqmail-local crashed.\n', 'ZUnable to run qmail-local.\n']
  t.ok(reports.some((report) => deferrals.includes(report)))
  t.same(
    reports.filter((report) => !deferrals.includes(report) && report !== 'Kstolen'),
    [],
  )
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
    t.equal(await home.deliver('@h'), 'DNo address. (#5.1.3)\n', 'lspawn goes on')
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

interface Limits {
  megabytes: number
  idleSeconds: number
  silenceSeconds: number
}

/** Deliveries through Workers themselves, which keep other limits than lspawn's. */
class Deliveries {
  readonly home = new TestHome()
  readonly limits: Limits
  readonly workers: Workers
  readonly log: string[] = []

  constructor(limits: Partial<Limits> = {}) {
    this.limits = { megabytes: 10_000, idleSeconds: 600, silenceSeconds: 600, ...limits }
    this.workers = new Workers((line) => this.log.push(line), this.limits)
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

/** In MB: a worker's share of what it shares included. */
function memoryOf(pid: number): number {
  return Number(/^Pss: +(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]) / 1024
}

t.test('F6: for a new worker idle ones leave beyond the memory that all may have, the one idle longest first', async (t) => {
  const deliveries = new Deliveries()
  for (const name of ['a', 'b', 'c']) deliveries.home.user(name)
  const a = await deliveries.to('a')
  const b = await deliveries.to('b')
  t.equal(await deliveries.to('a'), a)
  const both = memoryOf(a) + memoryOf(b)
  await until('both are measured', () => Math.abs(deliveries.workers.megabytes - both) < both / 4)
  deliveries.limits.megabytes = both * 1.25
  await deliveries.to('c')
  t.equal(deliveries.workers.size, 2)
  t.equal(await deliveries.to('a'), a, 'the one used last has stayed')
  deliveries.limits.megabytes = 10_000
  t.not(await deliveries.to('b'), b)
  deliveries.limits.megabytes = 1
  deliveries.home.user('d')
  await deliveries.to('d')
  t.equal(deliveries.workers.size, 1, 'there is always one for a delivery')
  await deliveries.workers.dismissAll()
  t.equal(deliveries.workers.size, 0)
})

t.test('F6: memory is short by what the kernel says of it', async (t) => {
  const directory = t.testdir({
    calm: 'some avg10=9.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=50.00 avg60=0.00\n',
    pressed: 'some avg10=10.01 avg60=0.00 avg300=0.00 total=0\n',
    plenty: 'MemTotal:       100000 kB\nMemFree:  1 kB\nMemAvailable:    5000 kB\n',
    little: 'MemTotal:       100000 kB\nMemFree:  1 kB\nMemAvailable:    4999 kB\n',
  })
  const isShort = (pressure: string, info: string): boolean => memoryIsShort(join(directory, pressure), join(directory, info))
  t.equal(isShort('calm', 'plenty'), false)
  t.equal(isShort('pressed', 'plenty'), true)
  t.equal(isShort('calm', 'little'), true)
  t.equal(isShort('none', 'none'), false)
})

t.test('F5: an idle worker stands in no home, and leaves when its account is wanted; a busy one when it is done', async (t) => {
  const deliveries = new Deliveries()
  for (const name of ['a', 'b']) deliveries.home.user(name)
  const idle = await deliveries.to('a')
  await until('it has left the home', () => readlinkSync(`/proc/${idle}/cwd`) === '/')
  makeFifo(`${deliveries.home.path}/homes/b/gate`, 0o666)
  chmodSync(`${deliveries.home.path}/homes/b/gate`, 0o666)
  const busy = deliveries.run('b', 'echo $PPID >pid; read x <gate')
  await until('it has begun', () => deliveries.home.read('b', 'pid')?.endsWith('\n'))
  deliveries.workers.leaveSoon()
  await until('the idle one has left', () => deliveries.workers.size === 1)
  writeFileSync(`${deliveries.home.path}/homes/b/gate`, 'go\n')
  t.equal((await busy).ending, 0)
  t.equal(deliveries.workers.size, 0)
  await deliveries.workers.dismissAll()
})

t.test('F5: HUP lets lspawn’s workers leave, and it goes on', async (t) => {
  const home = new TestHome()
  home.user('joe', { '.qmail': '|echo $PPID >pid\n' })
  const lspawn = await home.start()
  await home.deliver('joe@h')
  const worker = Number(home.read('joe', 'pid'))
  lspawn.kill('SIGHUP')
  await until('the worker is gone', () => !existsSync(`/proc/${worker}`))
  t.equal(await home.deliver('joe@h'), 'Kdid 0+0+1\n')
  await home.end()
})

t.test('F5: control/localidle says how long a worker stays; a line that is no number leaves what was', async (t) => {
  const home = new TestHome()
  home.user('joe', { '.qmail': '|echo $PPID >pid\n' })
  mkdirSync(join(home.path, 'control'))
  writeFileSync(join(home.path, 'control/localidle'), '0\n')
  await home.start()
  for (const line of ['0\n', 'soon\n']) {
    writeFileSync(join(home.path, 'control/localidle'), line)
    await home.deliver('joe@h')
    const worker = Number(home.read('joe', 'pid'))
    await until('the worker has left at once', () => !existsSync(`/proc/${worker}`))
  }
  t.match(home.log, /^lspawn: control\/localidle:1: not a number; 0 still counts$/m)
  await home.end()
})

t.test('a worker without deliveries is let go after its time', async (t) => {
  const deliveries = new Deliveries({ idleSeconds: 0.001 })
  deliveries.home.user('a')
  const first = await deliveries.to('a')
  while (deliveries.workers.size > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  t.not(await deliveries.to('a'), first)
  await deliveries.workers.dismissAll()
})

t.test('a worker that its user has stopped is ended when it is let go', async (t) => {
  const deliveries = new Deliveries()
  deliveries.home.user('a')
  const worker = await deliveries.to('a')
  process.kill(worker, 'SIGSTOP')
  await deliveries.workers.dismissAll()
  t.throws(() => process.kill(worker, 0), { code: 'ESRCH' })
})

t.test('a worker that says nothing and does not answer when it is asked is given up, with its deliveries', async (t) => {
  const deliveries = new Deliveries({ silenceSeconds: 0.5 })
  deliveries.home.user('a')
  const { ending, written } = await deliveries.run('a', 'kill -STOP $PPID')
  t.equal(ending, 'silent')
  t.match(written, /^Delivery in .*\/homes\/a does not come to an end; .* \(#4\.3\.0\)\n$/)
  t.match(deliveries.log, [/^lspawn: uid \d+: the worker for .*\/homes\/a does not answer; its mail waits$/])
  await deliveries.workers.dismissAll()
})
