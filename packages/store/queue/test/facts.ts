/** Facts of an envelope, on their way into todo/ (spec §14). */
import { spawnSync } from 'node:child_process'
import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { frame } from '@yabumi/enqueue'
import { factsBytes } from '@yabumi/limits'
import t, { type Test } from 'tap'
import { bodyFrame, PlainClient } from './support/client.ts'
import {
  bin,
  environmentOf,
  isRoot,
  messageFiles,
  myUid,
  queueText,
  readyListener,
  scratchDirectory,
  scratchHome,
} from './support/scratch.ts'

const facts = 'v1 BODY=8BITMIME R0.ORCPT=rfc822;joe@old.example'

/** Run queue with these facts. @returns its exit code */
function oneShot(t: Test, home: string, text: string, uid = myUid): number | null {
  const directory = scratchDirectory(t)
  const open = (name: string, content: string) => {
    writeFileSync(join(directory, name), content, 'latin1')
    return openSync(join(directory, name), 'r')
  }
  const stdio = [open('mess', 'x\n'), open('envelope', 'Fs\0Tr\0\0'), 'inherit'] as const
  return spawnSync(join(bin, 'queue'), { env: environmentOf(home, { YABUMIFACTS: text }), stdio: [...stdio], uid, gid: uid }).status
}

/** The records of the message in todo/. */
function todo(home: string): string[] {
  const path = messageFiles(home).find((name) => name.startsWith('todo/')) ?? ''
  return queueText(home, path).split('\0')
}

t.test('queue writes what YABUMIFACTS says behind the number of p, and nothing there without it', async (t) => {
  for (const text of [facts, '']) {
    const home = scratchHome(t)
    t.equal(oneShot(t, home, text), 0)
    const [uid, number, ...rest] = todo(home)
    t.equal(uid, `u${myUid}`)
    t.match(number, text === '' ? /^p[0-9]+$/ : /^p[0-9]+ v1 BODY=8BITMIME R0\.ORCPT=rfc822;joe@old\.example$/)
    t.same(rest, ['Fs', 'Tr', ''])
  }
})

t.test('queue exits 91 for what are no facts, and leaves nothing', async (t) => {
  const home = scratchHome(t)
  for (const text of ['v1 NOSUCH=1', 'v2 BODY=7BIT', 'BODY=7BIT', `v1 ${'x'.repeat(factsBytes)}`]) t.equal(oneShot(t, home, text), 91)
  t.same(messageFiles(home), [])
})

t.test('the resident queue takes facts in P frames in front of the message, cut anywhere', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const client = new PlainClient(home)
  t.teardown(() => client.socket.destroy())
  client.send(
    frame('S'),
    bodyFrame('P', facts.slice(0, 10)),
    bodyFrame('P', facts.slice(10)),
    bodyFrame('M', 'x\n'),
    bodyFrame('E', 'Fs\0Tr\0'),
  )
  client.send(frame('C'))
  t.equal((await client.answer(1))?.code, 0)
  t.match(todo(home)[1], /^p[0-9]+ v1 BODY=8BITMIME R0\.ORCPT=rfc822;joe@old\.example$/)
})

for (const [what, frames] of [
  ['behind the message', [bodyFrame('M', 'x\n'), bodyFrame('P', facts), bodyFrame('E', 'Fs\0Tr\0')]],
  ['that are too long', [bodyFrame('P', 'x'.repeat(60_000)), bodyFrame('P', 'x'.repeat(60_000)), bodyFrame('E', 'Fs\0Tr\0')]],
  ['that are none', [bodyFrame('P', 'v1 NOSUCH=1'), bodyFrame('E', 'Fs\0Tr\0')]],
] as const) {
  t.test(`the resident queue answers 91 for facts ${what}, and serves on`, async (t) => {
    const home = scratchHome(t)
    await readyListener(t, home)
    const client = new PlainClient(home)
    t.teardown(() => client.socket.destroy())
    client.send(frame('S'), ...frames, frame('C'))
    t.equal((await client.answer(1))?.code, 91)
    t.same(messageFiles(home), [])
    client.send(frame('S'), bodyFrame('E', 'Fs\0Tr\0'), frame('C'))
    t.equal((await client.answer(2))?.code, 0)
  })
}

const skip = !isRoot && 'needs root to be another account'

t.test('from an account that is none of the home AUTH and RELAY do not count, and all else does', { skip }, async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const said = `${facts} AUTH=anna@example.org RELAY=example.org ORIGIN=network`
  t.equal(oneShot(t, home, said, 65_534), 0)
  t.match(todo(home)[1], /^p[0-9]+ v1 BODY=8BITMIME ORIGIN=network R0\.ORCPT=rfc822;joe@old\.example$/)
})

t.test('a user of the home alone speaks for all of it', async (t) => {
  const home = scratchHome(t)
  t.equal(oneShot(t, home, 'v1 AUTH=anna@example.org RELAY=example.org'), 0)
  t.match(todo(home)[1], /^p[0-9]+ v1 AUTH=anna@example\.org RELAY=example\.org$/)
})
