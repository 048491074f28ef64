/** The processes that look, with shell scripts in their place. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recipientHangingLooks, recipientLooks } from '@yabumi/limits'
import { SilentHome, type User } from '@yabumi/users'
import t from 'tap'
import { until } from '../../../../test/support/wait.ts'
import { type LookLimits, Looks } from '../src/looks.ts'

const gates = mkdtempSync(join(tmpdir(), 'looks-'))
t.teardown(() => rmSync(gates, { recursive: true }))
const limits: LookLimits = { looks: 2, hanging: 2, startSeconds: 60, lookSeconds: 60, silentSeconds: 600 }
const soon: LookLimits = { ...limits, lookSeconds: 0.01 }
const forEver = Number.POSITIVE_INFINITY

function userIn(home: string, user = 'joe'): User {
  return { user, uid: 1, gid: 1, home, dash: '-', extension: '' }
}

function requestOf({ user, home }: User, extension = 'x') {
  return { user, home, local: 'l', dash: '-', extension, domain: 'd', sender: '', defaultDelivery: '' }
}

/** Looks by scripts; what each process was started for is kept in order. */
class Scripts {
  readonly started: { readonly user: User; readonly child: ChildProcess }[] = []
  readonly log: string[] = []
  readonly looks: Looks

  constructor(script: string, some: LookLimits, now?: () => number) {
    const start = (user: User): ChildProcess => {
      const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] })
      this.started.push({ user, child })
      return child
    }
    this.looks = new Looks(start, (line) => this.log.push(line), some, now)
    t.teardown(() => this.looks.end())
  }

  look(home: string, extension?: string, until = forEver, user = 'joe'): Promise<string> {
    const who = userIn(home, user)
    return this.looks
      .look(who, [], requestOf(who, extension), until)
      .catch((error: Error) => (error instanceof SilentHome ? 'silent' : error.message))
  }

  /** Let a process go on. */
  release(index: number): void {
    writeFileSync(join(gates, String(this.started[index]?.child.pid)), '')
  }
}

/** Begins, waits until it is released and says `u` for each request. */
const waits = `r=$(cat); printf +; until [ -e "${gates}/$$" ]; do sleep 0.01; done; printf '%s' "$r" | grep -o extension | while read x; do printf u; done`

t.test('so many look at once, one a home, and what waits for a home is looked for by the next one together', async (t) => {
  const scripts = new Scripts(waits, limits)
  const answers = ['/a', '/b', '/c'].map((home) => scripts.look(home))
  const more = ['y', 'z'].map((extension) => scripts.look('/a', extension))
  t.same(
    scripts.started.map(({ user }) => user.home),
    ['/a', '/b'],
  )
  scripts.release(0)
  t.equal(await answers[0], 'unknown')
  await until('the next home has its turn', () => scripts.started.length === 3)
  t.equal(scripts.started[2]?.user.home, '/c', 'not the home again that was there before')
  scripts.release(1)
  await until('then the first again', () => scripts.started.length === 4)
  t.equal(scripts.started[3]?.user.home, '/a')
  for (const index of [2, 3]) scripts.release(index)
  t.same(await Promise.all([...answers, ...more]), ['unknown', 'unknown', 'unknown', 'unknown', 'unknown'])
  t.equal(scripts.started.length, 4, 'one process for both')
  await until('all have gone', () => scripts.looks.sizes.join() === '0,0')
})

t.test('a process looks for one user only, whosever the home is besides', async (t) => {
  const scripts = new Scripts('cat >/dev/null; printf +k', limits)
  t.same(await Promise.all([scripts.look('/a', 'x', forEver, 'joe'), scripts.look('/a', 'x', forEver, 'ann')]), ['known', 'known'])
  t.same(
    scripts.started.map(({ user }) => user.user),
    ['joe', 'ann'],
  )
})

t.test('a home that does not answer is silent for a good while, and the next home has its turn', async (t) => {
  let now = 0
  const scripts = new Scripts('trap "" TERM; cat >/dev/null; printf +; exec sleep 1000', { ...soon, looks: 1 }, () => now)
  const [first, second] = [scripts.look('/a'), scripts.look('/b')]
  t.equal(await first, 'silent')
  t.equal(await scripts.look('/a'), 'silent')
  t.equal(await second, 'silent')
  t.same(
    scripts.started.map(({ user }) => user.home),
    ['/a', '/b'],
    'and is not looked into again',
  )
  t.match(scripts.log[0], /^home \/a has not answered for /)
  await until('what was killed is no longer counted', () => scripts.looks.sizes.join() === '0,0')
  now = 1000 * soon.silentSeconds - 1
  t.equal(await scripts.look('/a'), 'silent', 'though nobody hangs in it any more')
  t.equal(scripts.started.length, 2)
  now = 1000 * soon.silentSeconds
  t.equal(await scripts.look('/a'), 'silent')
  t.equal(scripts.started.length, 3, 'then it is looked into anew')
})

t.test('with so many that hang nobody looks anywhere, and with one less somebody does', async (t) => {
  const stuck = new Looks(
    (user) => {
      const child = spawn('/bin/sh', ['-c', 'cat >/dev/null; printf +; exec sleep 1000'], { stdio: ['pipe', 'pipe', 'ignore'] })
      const kill = child.kill.bind(child)
      if (user.user === 'stuck') child.kill = () => true // as one that hangs in the kernel
      t.teardown(() => kill('SIGKILL'))
      return child
    },
    () => {},
    soon,
  )
  const look = (home: string, user = 'stuck') => {
    const who = userIn(home, user)
    return stuck.look(who, [], requestOf(who), forEver).catch((error: Error) => (error instanceof SilentHome ? 'silent' : error.message))
  }
  t.equal(await look('/1'), 'silent')
  t.equal(await look('/2', 'other'), 'silent', 'one hangs: there is room')
  await until('the other has gone', () => stuck.sizes.join() === '0,1')
  t.equal(await look('/3'), 'silent')
  t.equal(await look('/4', 'other'), 'too many looks into homes hang')
  t.same(stuck.sizes, [0, 2])
  t.ok(recipientHangingLooks > recipientLooks)
})

t.test('what ends early, does not begin, or is not waited for any more is no answer, and no silence', async (t) => {
  t.equal(await new Scripts('exit 0', limits).look('/a'), 'a look into a home ended early')
  t.equal(await new Scripts('cat >/dev/null; printf "+xyz"', limits).look('/a'), 'a look into a home ended early')
  const slow = new Scripts('exec sleep 1000', { ...limits, startSeconds: 0.01 })
  t.equal(await slow.look('/a'), 'a look into a home does not begin')
  await until('it has gone', () => slow.looks.sizes.join() === '0,0')
  t.equal(await slow.look('/a'), 'a look into a home does not begin', 'the home is not to blame')
  const scripts = new Scripts(waits, { ...limits, looks: 1 })
  const [first, late] = [scripts.look('/a'), scripts.look('/b', 'x', performance.now())]
  await once(scripts.started[0]?.child.stdout ?? process, 'data')
  scripts.release(0)
  t.equal(await first, 'unknown')
  t.equal(await late, 'too many homes are to be looked into')
  t.equal(scripts.started.length, 1)
})
