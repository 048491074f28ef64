/**
 * A process is killed, or the disk refuses, at each call that changes names or syncs: what was told is true, no message is lost or torn, no
 * UID is another message, and the next process goes on.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { maildir, type TestMaildir } from './fixtures/maildirs.ts'

const changer = join(import.meta.dirname, 'fixtures/changer.ts')
const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0
const options = { skip: hasStrace ? false : 'strace is missing, or may not trace' }

interface Run {
  /** What the process said of each step: a UID, or undefined if it failed. */
  readonly told: ReadonlyMap<string, number | undefined>
  /** Whether the fault was reached. */
  readonly reached: boolean
  readonly made: TestMaildir
}

/** One run on a fresh Maildir. @param fault - as strace's inject has it, without the call */
async function run(call: string, fault: string, mark: string): Promise<Run> {
  const made = maildir({ 'cur/1.a.h:2,S': 'X-Id: first\n\nfirst\n' })
  made.account.create('Archive')
  await (await made.inbox()).sync()
  await made.account.status('Archive')
  made.account.end()
  const log = join(made.path, 'strace')
  const arguments_ = ['-f', '-y', '-o', log, '-e', `trace=${call}`, '-e', `inject=${call}:${fault}`, process.execPath]
  const { stdout } = spawnSync('strace', [...arguments_, '--disable-warning=ExperimentalWarning', changer, made.path], {
    encoding: 'latin1',
  })
  const told = new Map<string, number | undefined>()
  for (const line of stdout.split('\n').filter(Boolean)) {
    const [name = '', uid] = line.startsWith('no ') ? [line.slice(3)] : line.split(' ')
    told.set(name, uid === undefined ? undefined : Number(uid))
  }
  const reached = made.cat('strace').includes(mark)
  made.reopen()
  return { told, reached, made }
}

/** Of calls of this kind of the first thread, counted from 1, those that touch the Maildir: Node makes others, above all when it starts. */
async function callsIn(call: string): Promise<number[]> {
  const { made } = await run(call, 'signal=KILL:when=65535', '')
  const all = made.cat('strace').split('\n')
  const [thread = ''] = all[0]?.split(' ') ?? []
  const lines = all.filter((line) => line.startsWith(`${thread} `) && line.includes(`${call}(`))
  made.account.end()
  return lines.flatMap((line, at) => (touches(line, made.path) ? [at + 1] : []))
}

function touches(line: string, path: string): boolean {
  return line.includes('/proc/self/fd/') || line.includes(`${path}/`)
}

async function idsIn(made: TestMaildir, name: string): Promise<Map<number, string>> {
  const mailbox = made.account.open(name)
  await mailbox.sync()
  const found = new Map<number, string>()
  for (const uid of mailbox.uids()) {
    const text = String(await mailbox.read(uid))
    found.set(uid, /^X-Id: (first|second)\n\n\1\n$/.exec(text)?.[1] ?? `torn: ${text}`)
  }
  return found
}

async function check(t: Test, { told, made }: Run, what: string): Promise<void> {
  const [inbox, archive] = [await idsIn(made, 'INBOX'), await idsIn(made, 'Archive')]
  const all = [...inbox.values(), ...archive.values()]
  t.notOk(
    all.some((id) => id.startsWith('torn')),
    `${what}: nothing is torn`,
  )
  t.equal(inbox.get(1), 'first', `${what}: the first message stays where it is`)
  const [appended, copied, moved] = [told.get('append'), told.get('copy'), told.get('move')]
  if (appended !== undefined && moved === undefined)
    t.ok(inbox.get(appended) === 'second' || !told.has('move'), `${what}: UID of the append`)
  if (appended !== undefined) t.ok(all.includes('second'), `${what}: the second is not lost`)
  if (copied !== undefined) t.equal(archive.get(copied), 'first', `${what}: UID of the copy`)
  if (moved !== undefined) t.equal(archive.get(moved), 'second', `${what}: UID of the move`)
  if (told.has('append') && appended === undefined) t.notOk(all.includes('second'), `${what}: a refused append left nothing`)
  const mailbox = await made.inbox()
  const [next = 0] = await mailbox.append([{ message: Buffer.from('X-Id: first\n\nfirst\n'), flags: 0, keywords: [] }])
  t.ok(next > Math.max(...inbox.keys(), appended ?? 0), `${what}: the next UID is a new one`)
}

/** So many points apart are tried. */
const sparse = Number(process.env['YABUMI_FAULTS_APART'] ?? 4)

const calls = ['rename', 'link', 'fsync', 'fdatasync', 'unlink']

for (const [title, faultAt, mark, step] of [
  ['killed', (at: number) => `signal=KILL:when=${at}`, 'killed by SIGKILL', 1],
  ['a full disk', (at: number) => `error=ENOSPC:when=${at}`, '(INJECTED)', 2],
] as const) {
  t.test(title, options, async (t) => {
    for (const call of calls) {
      for (let at = 1; ; at += step) {
        const done = await run(call, faultAt(at), mark)
        if (!done.reached) break
        await check(t, done, `${title}, ${call} ${at}`)
        done.made.account.end()
      }
    }
  })
}

for (const [error, call] of [
  ['EMFILE', 'openat'],
  ['EIO', 'openat'],
  ['EIO', 'pwrite64'],
  ['EIO', 'fdatasync'],
  ['EIO', 'rename'],
] as const) {
  t.test(`${error} of ${call}`, options, async (t) => {
    let hits = 0
    for (const at of (await callsIn(call)).filter((_, index) => index % sparse === 0)) {
      const done = await run(call, `error=${error}:when=${at}`, '(INJECTED)')
      hits += done.made
        .cat('strace')
        .split('\n')
        .filter((line) => line.includes('(INJECTED)') && touches(line, done.made.path)).length
      await check(t, done, `${error}, ${call} ${at}`)
      done.made.account.end()
    }
    t.ok(hits > 0, `${hits} calls that touch the Maildir failed`)
  })
}

t.test('the run without a fault says everything', options, async (t) => {
  const { told, made } = await run('rename', 'signal=KILL:when=9999', 'killed')
  t.same(
    [...told],
    [
      ['sync', 1],
      ['append', 2],
      ['copy', 1],
      ['flag', 1],
      ['move', 2],
      ['end', undefined],
    ],
  )
  t.equal(readdirSync(join(made.path, 'tmp')).length, 0)
})
