import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFifo, sendDescriptor, socketPair } from '@yabumi/posix'
import { type Answer, AnswerDecoder, encodeOrder, question } from '@yabumi/spawnprotocol'
import t from 'tap'

const local = join(import.meta.dirname, '../../../bin/local')

t.test('a worker answers a question while its deliveries take their time, and when it has none', async (t) => {
  const home = join(t.testdir({ home: {}, message: 'Subject: x\n\n' }), 'home')
  mkdirSync(join(home, 'M'))
  makeFifo(join(home, 'gate'), 0o600)
  const [ours, theirs] = socketPair()
  const worker = spawn(local, ['--worker'], { stdio: ['pipe', 'pipe', 'inherit', theirs] })
  closeSync(theirs)
  const answers: Answer[] = []
  const decoder = new AnswerDecoder()
  worker.stdout?.on('data', (bytes: Buffer) => answers.push(...decoder.push(bytes)))
  async function answered(count: number): Promise<number[]> {
    while (answers.length < count) await new Promise((resolve) => setTimeout(resolve, 10))
    return answers.map(({ id }) => id)
  }
  worker.stdin?.write(encodeOrder({ id: 1, args: question }))
  t.same(await answered(1), [1])
  const message = openSync(join(home, '../message'), 'r')
  sendDescriptor(ours, message)
  closeSync(message)
  worker.stdin?.write(encodeOrder({ id: 2, args: ['joe', home, 'joe', '', '', 'h', 's@x', '|read x <gate'] }))
  worker.stdin?.write(encodeOrder({ id: 3, args: question }))
  t.same(await answered(2), [1, 3])
  writeFileSync(join(home, 'gate'), 'go\n')
  t.same(await answered(3), [1, 3, 2])
  t.equal(answers[2]?.exit, 0)
  worker.stdin?.end()
  await once(worker, 'exit')
  closeSync(ours)
})
