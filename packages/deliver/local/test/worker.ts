import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFifo, sendDescriptor, socketPair } from '@yabumi/posix'
import { type Answer, AnswerDecoder, encodeOrder, type Order, question } from '@yabumi/spawnprotocol'
import t from 'tap'

const isRoot = process.getuid?.() === 0
const local = join(import.meta.dirname, '../../../../bin/local')

t.test('a worker answers a question while its deliveries take their time, and when it has none', async (t) => {
  const home = join(t.testdir({ home: {}, message: 'Subject: x\n\n' }), 'home')
  mkdirSync(join(home, 'M'))
  makeFifo(join(home, 'gate'), 0o600)
  if (isRoot) for (const path of [home, join(home, 'gate')]) chownSync(path, 65_534, 65_534)
  const [ours, theirs] = socketPair()
  const worker = spawn(local, ['--worker', ...(isRoot ? ['65534', '65534', ''] : [])], { stdio: ['pipe', 'pipe', 'inherit', theirs] })
  closeSync(theirs)
  const answers: Answer[] = []
  const decoder = new AnswerDecoder()
  worker.stdout?.on('data', (bytes: Buffer) => answers.push(...decoder.push(bytes)))
  async function answered(count: number): Promise<number[]> {
    while (answers.length < count) await new Promise((resolve) => setTimeout(resolve, 10))
    return answers.map(({ id }) => id)
  }
  const order = (parts: Order): void => void worker.stdin?.write(Buffer.concat(encodeOrder(parts)))
  order({ id: 1, args: question })
  t.same(await answered(1), [1])
  const message = openSync(join(home, '../message'), 'r')
  sendDescriptor(ours, message)
  closeSync(message)
  order({ id: 2, args: ['joe', home, 'joe', '', '', 'h', 's@x', '|read x <gate'] })
  order({ id: 3, args: question })
  t.same(await answered(2), [1, 3])
  writeFileSync(join(home, 'gate'), 'go\n')
  t.same(await answered(3), [1, 3, 2])
  t.equal(answers[2]?.exit, 0)
  const programs = '|cat; cat /dev/stdin\n|cat' // each reads it from its start
  order({ id: 4, args: ['joe', home, 'joe', '', '', 'h', 's@x', programs], message: Buffer.from('S: in\n\0\n') })
  await answered(4)
  t.same(answers[3], { id: 4, exit: 0, text: 'S: in\n' }, 'a message that comes with its order; a report ends at a NUL')
  worker.stdin?.end()
  await once(worker, 'exit')
  closeSync(ours)
})

t.test(
  'a worker has the rights that it is given, and root’s are no rights to deliver with',
  { skip: !isRoot && 'needs root' },
  async (t) => {
    const rights = (...words: string[]): string => {
      const worker = spawnSync(local, ['--worker', ...words], { stdio: ['ignore', 'pipe', 'pipe', 'ignore'], encoding: 'latin1' })
      return `${worker.status} ${worker.stderr}`
    }
    for (const words of [[], ['0', '0', ''], ['0', '65534', ''], ['', '', '']])
      t.equal(rights(...words), '111 local: mail is never delivered as root\n')
    t.equal(rights('65534', '65534', '7,8'), '0 ')
  },
)
