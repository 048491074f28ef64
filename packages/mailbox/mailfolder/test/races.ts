/** Several processes work on one Maildir at once, and some are killed: no UID is given twice, and what was told is true. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { maildir, type TestMaildir } from './fixtures/maildirs.ts'

const racer = join(import.meta.dirname, 'fixtures/racer.ts')

interface Racer {
  readonly child: ChildProcess
  /** Lines that it has printed, whole ones. */
  readonly lines: string[]
  readonly ended: Promise<unknown>
}

function start(path: string, role: 'append' | 'flags', name: string, count = 0): Racer {
  const command = ['--disable-warning=ExperimentalWarning', racer, path, role, name, String(count)]
  const child = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines: string[] = []
  let rest = ''
  child.stdout.on('data', (bytes: Buffer) => {
    const parts = (rest + bytes).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
  return { child, lines, ended: once(child, 'close') }
}

/** Every message's id and UID, as a process sees them that comes afterwards. */
async function seen({ inbox, reopen }: TestMaildir): Promise<Map<string, string>> {
  reopen()
  const mailbox = await inbox()
  const found = new Map<string, string>()
  for (const uid of mailbox.uids()) {
    const id = /X-Id: (\S+)/.exec(String(await mailbox.read(uid)))?.[1] ?? 'torn'
    t.notOk(found.has(id), `${id} is there once`)
    found.set(id, String(uid))
  }
  return found
}

function allTrue(t: Test, racers: readonly Racer[], found: ReadonlyMap<string, string>): void {
  const told = racers.flatMap(({ lines }) => lines.map((line) => line.split(' ') as [string, string]))
  t.same(
    told.filter(([id, uid]) => found.get(id) !== uid),
    [],
    'every UID that was told is true',
  )
  t.equal(new Set(found.values()).size, found.size, 'and none is there twice')
}

t.test('appends, flags, moves out of new/ and deliveries of others at once', async (t) => {
  const made = maildir()
  const appenders = ['a', 'b'].map((name) => start(made.path, 'append', name, 10))
  const flaggers = ['f', 'g'].map((name) => start(made.path, 'flags', name))
  for (let at = 0; at < 20; at += 1) {
    writeFileSync(join(made.path, `tmp/17000000${at + 10}.s.h`), `X-Id: s-${at}\n\nx\n`)
    renameSync(join(made.path, `tmp/17000000${at + 10}.s.h`), join(made.path, `new/17000000${at + 10}.s.h`))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(appenders.map(({ ended }) => ended))
  for (const { child } of flaggers) child.stdin?.end()
  for (const { ended } of flaggers) t.same(await ended, [0, null])
  const found = await seen(made)
  t.equal(found.size, 40)
  allTrue(t, appenders, found)
  t.same(made.ls('tmp'), [])
})

t.test('killed in the middle: what was told is there, and the next ones go on', async (t) => {
  const made = maildir()
  const racers: Racer[] = []
  for (const after of [1, 4, 7]) {
    const racer = start(made.path, 'append', `k${after}`, 1_000_000)
    racers.push(racer)
    await new Promise<void>((resolve) => {
      racer.child.stdout?.on('data', () => {
        if (racer.lines.length >= after) resolve()
      })
    })
    racer.child.kill('SIGKILL')
    await racer.ended
  }
  const last = start(made.path, 'append', 'last', 3)
  t.same(await last.ended, [0, null])
  const found = await seen(made)
  allTrue(t, [...racers, last], found)
  t.notOk(found.has('torn'))
})
