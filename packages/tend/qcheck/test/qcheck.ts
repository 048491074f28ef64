/** Real queues in scratch homes, damaged by hand. */
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'

interface Reported {
  readonly name: string
  readonly path: string
  readonly id: string | null
  readonly repaired: boolean
}

/** A queue without programs that run on it, and hands that damage it. */
class Queue {
  readonly home: ScratchHome
  constructor(home: ScratchHome) {
    this.home = home
  }

  path(name: string): string {
    return join(this.home.directory, 'queue', name)
  }

  file(directory: string, id: string): string {
    const split = /^(?:mess|info|local|remote)$/.test(directory)
    return split ? `${directory}/${Number(id) % 23}/${id}` : `${directory}/${id}`
  }

  write(name: string, text: string, mode: number): void {
    writeFileSync(this.path(name), text, 'latin1')
    chmodSync(this.path(name), mode)
  }

  /** A message file, with the number of its inode. */
  message(): string {
    const name = this.path('pid/new')
    writeFileSync(name, 'Subject: x\n\ny\n')
    chmodSync(name, 0o644)
    const id = String(statSync(name).ino)
    renameSync(name, this.path(this.file('mess', id)))
    return id
  }

  /** A message in S5. */
  preprocessed(): string {
    const id = this.message()
    this.write(this.file('info', id), 'Fa@b.example\0', 0o600)
    this.write(this.file('remote', id), 'Tc@d.example\0De@f.example\0', 0o600)
    return id
  }

  /** A message in S4. */
  queued(): string {
    const id = this.message()
    this.write(`intd/${id}`, 'u0\0p1\0Fa@b.example\0Tc@d.example\0', 0o644)
    linkSync(this.path(`intd/${id}`), this.path(`todo/${id}`))
    return id
  }

  async check(...args: string[]): Promise<{ code: number | undefined; findings: Reported[]; states: Record<string, number> }> {
    const { exitCode, stdout, stderr } = await this.home.run('qcheck', ['--json', ...args], { reject: false })
    if (stdout === '') throw new Error(stderr)
    const { findings, states } = JSON.parse(stdout)
    return { code: exitCode, findings, states }
  }
}

async function queueOf(t: Test): Promise<Queue> {
  return new Queue(await ScratchHome.make(t))
}

function brief(findings: readonly Reported[]): string[] {
  return findings.map(({ name, path }) => `${name} ${path}`).sort()
}

t.test('qcheck finds nothing in a queue as it should be, and counts its messages by state', async (t) => {
  const queue = await queueOf(t)
  queue.message()
  queue.queued()
  const bouncing = queue.preprocessed()
  queue.write(`bounce/${bouncing}`, '<e@f.example>:\nno\n\n', 0o600)
  t.same(await queue.check(), { code: 0, findings: [], states: { S2: 1, S3: 0, S4: 1, S5: 1, '?': 0 } })
  const { stdout } = await queue.home.run('qcheck')
  t.equal(stdout, '2 messages, 1 of them not yet preprocessed; 1 being received or removed; nothing inconsistent\n')
})

t.test('each inconsistency has its name; --fix repairs what costs no accepted message anything', async (t) => {
  const queue = await queueOf(t)
  const cases: [name: string, path: string, repaired: boolean | 'by itself'][] = []
  function damage(name: string, path: string, repaired: boolean, act: () => void): void {
    act()
    cases.push([name, path, repaired])
  }
  let kept = 0
  /** The inode stays in use, so that no later message gets its number. */
  const remove = (path: string): void => renameSync(queue.path(path), join(queue.home.root, `kept${++kept}`))
  const of = (directory: string, id: string): string => queue.file(directory, id)
  let id = queue.queued()
  damage('todo-without-message', `todo/${id}`, false, () => remove(of('mess', id)))
  id = queue.preprocessed()
  damage('info-without-message', of('info', id), false, () => remove(of('mess', id)))
  id = queue.preprocessed()
  damage('channel-without-info', of('remote', id), false, () => remove(of('info', id)))
  id = queue.message()
  damage('bounce-without-info', `bounce/${id}`, true, () => queue.write(`bounce/${id}`, 'x', 0o600))
  id = queue.queued()
  damage('bounce-without-info', `bounce/${id}`, true, () => queue.write(`bounce/${id}`, 'x', 0o600))
  id = queue.preprocessed()
  damage('envelope-left', `intd/${id}`, true, () => queue.write(`intd/${id}`, 'Fa\0', 0o644))
  id = queue.queued()
  damage('envelope-differs', `intd/${id}`, true, () => {
    remove(`intd/${id}`)
    queue.write(`intd/${id}`, 'Fa\0', 0o644)
  })
  damage('envelope-without-message', 'intd/999999999999', true, () => queue.write('intd/999999999999', 'Fa\0', 0o644))
  id = queue.message()
  damage('message-left', of('mess', id), true, () => utimesSync(queue.path(of('mess', id)), 1_000_000_000, 1_000_000_000))
  id = queue.queued()
  damage('bad-envelope', `todo/${id}`, false, () => queue.write(`todo/${id}`, 'u0\0Fa\0Xb\0', 0o644))
  id = queue.queued()
  damage('bad-envelope', `todo/${id}`, false, () => queue.write(`todo/${id}`, 'u0\0Tb@c\0', 0o644))
  id = queue.queued()
  damage('bad-envelope', `todo/${id}`, false, () => queue.write(`todo/${id}`, 'u0\0Fa\0Tb@c', 0o644))
  id = queue.preprocessed()
  damage('bad-info', of('info', id), false, () => queue.write(of('info', id), 'Fa@b', 0o600))
  id = queue.preprocessed()
  damage('bad-recipients', of('remote', id), false, () => queue.write(of('remote', id), 'Ta@b\0Xc@d\0', 0o600))
  id = queue.preprocessed()
  damage('wrong-mode', of('mess', id), true, () => chmodSync(queue.path(of('mess', id)), 0o600))
  damage('wrong-mode', of('info', id), true, () => chmodSync(queue.path(of('info', id)), 0o644))
  id = queue.preprocessed()
  const elsewhere = `info/${(Number(id) + 1) % 23}/${id}`
  damage('wrong-split', elsewhere, true, () => renameSync(queue.path(of('info', id)), queue.path(elsewhere)))
  cases.push(['channel-without-info', of('remote', id), 'by itself']) // until its info is where it belongs
  id = queue.message()
  damage('wrong-type', of('info', id), false, () => mkdirSync(queue.path(of('info', id))))
  damage('stray-file', 'todo/a.txt', false, () => queue.write('todo/a.txt', '', 0o644))
  damage('stray-file', 'mess/3/core', false, () => queue.write('mess/3/core', '', 0o644))
  damage('directory-missing', 'pid', true, () => rmdirSync(queue.path('pid')))
  damage('lock-file-missing', 'lock/tcpto', true, () => remove('lock/tcpto'))
  damage('lock-file-type', 'lock/trigger', true, () => {
    remove('lock/trigger')
    queue.write('lock/trigger', '', 0o622)
  })
  const found = await queue.check()
  t.equal(found.code, 1)
  t.same(brief(found.findings), cases.map(([name, path]) => `${name} ${path}`).sort())
  const fixed = await queue.check('--fix')
  t.equal(fixed.code, 1)
  const repaired = cases.filter(([, , isRepaired]) => isRepaired === true).map(([name, path]) => `${name} ${path}`)
  t.same(brief(fixed.findings.filter((finding) => finding.repaired)), repaired.sort())
  const left = await queue.check()
  t.same(
    brief(left.findings),
    cases
      .filter(([, , isRepaired]) => !isRepaired)
      .map(([name, path]) => `${name} ${path}`)
      .sort(),
  )
  t.ok(statSync(queue.path('lock/trigger')).isFIFO())
  t.equal(statSync(queue.path('lock/tcpto')).size, 1024)
})

t.test('a queue that was copied gets its numbers right, and every message keeps its files', async (t) => {
  const queue = await queueOf(t)
  const [one, two] = [queue.preprocessed(), queue.queued()]
  queue.write(queue.file('info', one), 'Fone@b.example\0', 0o600)
  queue.write(`bounce/${one}`, 'one', 0o600)
  // each has the other's number now, which is the worst that a copy can do
  for (const [directory, id] of ['mess', 'info', 'remote', 'bounce'].map((name) => [name, one] as const)) {
    renameSync(queue.path(queue.file(directory, id)), queue.path(`lock/${directory}`))
  }
  for (const directory of ['mess', 'intd', 'todo']) {
    renameSync(queue.path(queue.file(directory, two)), queue.path(queue.file(directory, one)))
  }
  for (const directory of ['mess', 'info', 'remote', 'bounce']) {
    renameSync(queue.path(`lock/${directory}`), queue.path(queue.file(directory, two)))
  }
  t.same(brief((await queue.check()).findings), [one, two].map((id) => `wrong-number ${queue.file('mess', id)}`).sort())
  t.match(await queue.check('--fix'), { code: 0 })
  t.match(await queue.check(), { code: 0, findings: [], states: { S4: 1, S5: 1 } })
  t.equal(readFileSync(queue.path(queue.file('info', one)), 'latin1'), 'Fone@b.example\0')
  t.equal(readFileSync(queue.path(`bounce/${one}`), 'latin1'), 'one')
  t.ok(existsSync(queue.path(`todo/${two}`)))
  t.equal(lstatSync(queue.path(queue.file('mess', one))).nlink, 1)
})

t.test('run on a system that works, qcheck reports nothing that is only in motion, and repairs nothing that is in use', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const running = await home.supervise({ smtp: [], pop3: [] })
  const queue = new Queue(home)
  let sending = true
  async function send(): Promise<void> {
    while (sending) await home.inject(['joe@mail.test.example'], 'Subject: x\n\ny\n')
  }
  const senders = [send(), send()]
  for (let count = 0; count < 3; count += 1) t.match(await queue.check(), { code: 0, findings: [] })
  sending = false
  await Promise.all(senders)
  queue.write('intd/999999999999', 'Fa\0', 0o644)
  t.match(await queue.check('--fix'), { code: 1, findings: [{ name: 'envelope-without-message', outcome: 'not while send runs' }] })
  await running.stop()
  t.match(await queue.check('--fix'), { code: 0 })
})

t.test('a wrong command line is 100, a queue that cannot be looked at 111', async (t) => {
  const queue = await queueOf(t)
  t.match(await queue.home.run('qcheck', ['--no'], { reject: false }), { exitCode: 100, stderr: /^qcheck: / })
  t.match(await queue.home.run('qcheck', ['x'], { reject: false }), { exitCode: 100, stderr: /usage/ })
  const nowhere = join(queue.home.root, 'nowhere')
  t.match(await queue.home.run('qcheck', [], { reject: false, env: { YABUMI_HOME: nowhere } }), { exitCode: 111, stdout: '' })
})
