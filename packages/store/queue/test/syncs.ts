import { spawnSync } from 'node:child_process'
import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { messageFrames, PlainClient } from './support/client.ts'
import {
  bin,
  ended,
  environmentOf,
  messageFiles,
  queueFiles,
  queueText,
  readyListener,
  scratchDirectory,
  scratchHome,
  until,
} from './support/scratch.ts'
import { type Call, callsIn, noStrace, traceBeside, traceEnded } from './support/strace.ts'

const message = 'Subject: s\n\nhello\n'
const envelope = 'Fs@x.example\0Tr@y.example\0'
const traced = 'trace=openat,write,writev,fsync,rename,link,linkat,exit_group'

/** Run one-shot queue under strace. @returns its calls */
function trace(t: Test, home: string, more: readonly string[] = []): Call[] {
  const directory = scratchDirectory(t)
  const file = (name: string, content: string) => {
    writeFileSync(join(directory, name), content)
    return openSync(join(directory, name), 'r')
  }
  const stdio = [file('mess', message), file('envelope', `${envelope}\0`), 'inherit'] as const
  const options = ['-f', '-y', '-o', join(directory, 'trace'), '-e', traced, ...more]
  spawnSync('strace', [...options, join(bin, 'queue')], { env: environmentOf(home), stdio: [...stdio] })
  return callsIn(join(directory, 'trace'))
}

/** Node syncs descriptors 1 and 2 as well when it ends. */
function syncOf(file: string): string[] {
  const directory = /\/queue\/(\w+)/.exec(file)?.[1]
  return directory === undefined ? [] : [`sync ${directory}`]
}

/** The calls that order matters for, each as one word; other calls are left out. */
function landmarks(calls: readonly Call[]): string[] {
  return calls.flatMap(({ name, arguments: args }) => {
    if (name === 'fsync') return syncOf(args)
    if (name === 'link' || name === 'linkat') return ['link']
    if (name === 'rename' && args.includes('"todo/')) return ['rename']
    if (name === 'openat' && args.includes('lock/trigger')) return ['trigger']
    if (name === 'write' && args.includes('Q\\0\\0')) return ['answer']
    if (name === 'exit_group') return [`exit ${args}`]
    return []
  })
}

t.test('queue syncs message and envelope before the link, todo/ after it, and then says 0', { skip: noStrace }, async (t) => {
  const home = scratchHome(t)
  const order = landmarks(trace(t, home))
  t.same(order, ['sync mess', 'sync intd', 'link', 'sync todo', 'trigger', 'exit 0'])
})

for (const [call, n, accepted] of [
  ['fsync', 1, false],
  ['fsync', 2, false],
  ['link', 1, false],
  ['fsync', 3, true],
] as const) {
  t.test(`queue killed at ${call} ${n} ${accepted ? 'has' : 'has not'} queued the message`, { skip: noStrace }, async (t) => {
    const home = scratchHome(t)
    trace(t, home, ['-e', `inject=${call}:signal=SIGKILL:when=${n}:retval=0`])
    const todo = queueFiles(home, 'todo')
    t.equal(todo.length, accepted ? 1 : 0)
    if (accepted) t.ok(queueText(home, todo[0] as string).endsWith(envelope))
  })
}

for (const [what, n] of [
  ['message', 1],
  ['envelope', 2],
] as const) {
  t.test(
    `queue exits 53 and leaves nothing when the sync of the ${what} fails, and does not try it again`,
    { skip: noStrace },
    async (t) => {
      const home = scratchHome(t)
      const order = landmarks(trace(t, home, ['-e', `inject=fsync:error=EIO:when=${n}`]))
      t.same(order, [...['sync mess', 'sync intd'].slice(0, n), 'exit 53'])
      t.same(messageFiles(home), [])
    },
  )
}

t.test('queue exits 53 when the sync of todo/ fails', { skip: noStrace }, async (t) => {
  const home = scratchHome(t)
  const order = landmarks(trace(t, home, ['-e', 'inject=fsync:error=EIO:when=3']))
  t.same(order, ['sync mess', 'sync intd', 'link', 'sync todo', 'exit 53'])
})

t.test('queue --listen answers after the syncs of message, envelope and todo/', { skip: noStrace }, async (t) => {
  const home = scratchHome(t)
  const file = join(scratchDirectory(t), 'trace')
  const listener = await readyListener(t, home, { before: traceBeside(file, ['-e', traced]) })
  const client = new PlainClient(home)
  client.send(messageFrames(message, envelope))
  t.equal((await client.answer(1))?.code, 0)
  client.socket.destroy()
  listener.kill('SIGTERM')
  await ended(listener)
  await until(() => traceEnded(file, listener.pid))
  const order = landmarks(callsIn(file))
  t.same(order.slice(0, 2).sort(), ['sync intd', 'sync mess'], 'in any order')
  t.same(order.slice(2), ['rename', 'sync todo', 'trigger', 'answer', 'exit 0'])
})

t.test('queue --listen syncs todo/ once for messages that wait together', { skip: noStrace }, async (t) => {
  const home = scratchHome(t)
  const file = join(scratchDirectory(t), 'trace')
  const slowly = ['-e', 'inject=fsync:delay_exit=20000'] // syncs that last long enough for company
  const listener = await readyListener(t, home, { before: traceBeside(file, ['-e', traced, ...slowly]) })
  const work = Array.from({ length: 20 }, async () => {
    const client = new PlainClient(home)
    client.send(messageFrames(message, envelope))
    const answer = await client.answer(1)
    client.socket.destroy()
    return answer?.code
  })
  t.same(new Set(await Promise.all(work)), new Set([0]))
  listener.kill('SIGTERM')
  await ended(listener)
  await until(() => traceEnded(file, listener.pid))
  const order = landmarks(callsIn(file))
  const count = (word: string) => order.filter((other) => other === word).length
  t.equal(count('sync mess'), 20)
  t.equal(count('sync intd'), 20)
  t.equal(count('answer'), 20)
  t.ok(count('sync todo') < 20, `${count('sync todo')} syncs of todo/`)
  t.ok(count('trigger') <= count('sync todo'))
  let renamed = 0
  let answered = 0
  const early = order.filter((word) => {
    if (word === 'rename') renamed += 1
    if (word === 'answer') answered += 1
    return answered > renamed
  })
  t.same(early, [], 'no answer before its message is in todo/')
})

for (const [n, left] of [
  [1, 0],
  [2, 0],
  [3, 1],
] as const) {
  t.test(`queue --listen answers 53 when sync ${n} of a message fails, and serves the next`, { skip: noStrace }, async (t) => {
    const home = scratchHome(t)
    const file = join(scratchDirectory(t), 'trace')
    const fault = ['-e', `inject=fsync:error=EIO:when=${n}`]
    // one thread, so that syncs are counted one after the other
    const before = ['env', 'UV_THREADPOOL_SIZE=1', ...traceBeside(file, ['-e', traced, ...fault])]
    await readyListener(t, home, { before })
    const client = new PlainClient(home)
    client.send(messageFrames(message, envelope))
    t.equal((await client.answer(1))?.code, 53)
    t.equal(queueFiles(home, 'todo').length, left)
    if (left === 0) t.same(messageFiles(home), [])
    client.send(messageFrames(message, envelope))
    t.equal((await client.answer(2))?.code, 0)
    t.equal(queueFiles(home, 'todo').length, left + 1)
    client.socket.destroy()
  })
}
