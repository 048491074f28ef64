/** Copies by control/taps, from both forms of queue. */

import { spawnSync } from 'node:child_process'
import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { until } from '../../../../test/support/wait.ts'
import { readTaps, TapWatch } from '../src/taps.ts'
import { bin, environmentOf, messageFiles, queueText, scratchDirectory, scratchHome } from './support/scratch.ts'

const directory = t.testdir({ control: {}, queue: {} })
process.chdir(join(directory, 'queue'))

function tapsOf(text: string) {
  writeFileSync('../control/taps', text, 'latin1')
  const problems: string[] = []
  return { taps: readTaps((problem) => problems.push(problem)), problems }
}

/** The recipients that are added to an envelope. */
function added(text: string, envelope: string, piece = 1_000): string[] {
  const watch = new TapWatch(tapsOf(text).taps)
  for (let at = 0; at < envelope.length; at += piece) watch.see(Buffer.from(envelope.slice(at, at + piece), 'latin1'))
  return watch
    .records()
    .toString('latin1')
    .split('\0')
    .filter((record) => record !== '')
}

t.test('no file, no tap', async (t) => {
  t.same(readTaps(t.fail), [])
})

t.test('rules look at the sender, at recipients or at nothing', async (t) => {
  const envelope = 'FBoss@Office.example\0Tjoe@a.example\0Tann@b.example\0'
  t.same(added('F:boss@:archive@x.example', envelope), ['Tarchive@x.example'])
  t.same(added('F:joe@:archive@x.example', envelope), [], 'joe is no sender')
  t.same(added('T:^ann@b\\.example$:archive@x.example', envelope), ['Tarchive@x.example'])
  t.same(added('T:@c:archive@x.example', envelope), [])
  t.same(added('# all\nA:all@x.example\n\nT:.*:all@x.example\n', envelope), ['Tall@x.example'], 'once')
  t.same(added('T:(?:a|b):c:one@x.example\nF:^$:two@x.example', envelope), [], 'the address follows the last colon')
  t.same(added('F:^$:bounces@x.example', 'F\0Tjoe@a.example\0'), ['Tbounces@x.example'])
})

t.test('a line that is no rule is said, and the others count', async (t) => {
  const { taps, problems } = tapsOf('F:[:a@b\nX:y:z@x\nF:only\nA:\nT:ok:good@x.example\n')
  t.same(
    taps.map(({ recipient }) => recipient),
    ['good@x.example'],
  )
  t.equal(problems.length, 4)
})

t.test('however the envelope is cut, the same copies are made', async (t) => {
  const rules = 'F:a+:f@x\nT:b:t@x\nT:^c@:u@x\nA:all@x\n'
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[abc@]{0,8}$/), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 7 }),
      (addresses, piece) => {
        const envelope = addresses.map((address, index) => `${index === 0 ? 'F' : 'T'}${address}\0`).join('')
        return JSON.stringify(added(rules, envelope, piece)) === JSON.stringify(added(rules, envelope))
      },
    ),
    { seed: 5, numRuns: 200 },
  )
  t.pass()
})

t.test('one-shot, the copies stand behind the recipients in the file that is synced', async (t) => {
  const home = scratchHome(t)
  writeFileSync(join(home, 'control/taps'), 'F:s@:archive@x.example\n')
  const scratch = scratchDirectory(t)
  const open = (name: string, content: string): number => {
    writeFileSync(join(scratch, name), content)
    return openSync(join(scratch, name), 'r')
  }
  const stdio = [open('mess', 'Subject: s\n\nhello\n'), open('envelope', 'Fs@x.example\0Tr@y.example\0\0'), 'pipe'] as const
  t.equal(spawnSync(join(bin, 'queue'), { env: environmentOf(home), stdio: [...stdio] }).status, 0)
  const todo = messageFiles(home).find((name) => name.startsWith('todo/')) ?? ''
  t.match(queueText(home, todo), /\0Fs@x\.example\0Tr@y\.example\0Tarchive@x\.example\0$/)
})

t.test('the running system copies what the file says, and no more once it is gone', async (t) => {
  const home = await ScratchHome.make(t, 'joe', 'ann', 'eve')
  home.control('taps', 'T:^joe@:eve@mail.test.example\nbad\n')
  const running = await home.supervise()
  await home.inject(['-fann@mail.test.example', 'joe@mail.test.example'], 'Subject: one\n\nhello\n')
  await home.inject(['-fjoe@mail.test.example', 'ann@mail.test.example'], 'Subject: two\n\nhello\n')
  await running.emptied()
  t.same([home.maildir('joe').length, home.maildir('ann').length, home.maildir('eve').length], [1, 1, 1])
  t.match(home.maildir('eve')[0], /\nSubject: one\n/)
  t.match(running.log, /control\/taps: not understood, and left out: bad/)
  home.control('taps', undefined)
  await until('the file is looked at again', async () => {
    const before = home.maildir('eve').length
    const joe = home.maildir('joe').length
    await home.inject(['joe@mail.test.example'], 'Subject: three\n\nhello\n')
    await until('joe has it', () => home.maildir('joe').length > joe)
    await running.emptied()
    return home.maildir('eve').length === before
  })
})
