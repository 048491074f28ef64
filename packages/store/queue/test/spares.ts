/** Files that are written over again: when they are taken, when not, and what is in them afterwards. */
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spareMessageBytes } from '@yabumi/limits'
import t from 'tap'
import { messageFrames, PlainClient } from './support/client.ts'
import { bin, environmentOf, myUid, queueFiles, queueText, readyListener, scratchHome } from './support/scratch.ts'

const envelope = 'Fs@x.example\0Tr@y.example\0'
/** A descriptor that only names its file, which no lease sees. */
const O_PATH = 0x200000
/** More than queue makes before it looks into spare/ again. */
const enough = 100

/** Queue messages until one gets this number. @returns how many that took, or undefined if none did */
async function queueUntil(client: PlainClient, answers: { count: number }, wanted: string): Promise<number | undefined> {
  for (let n = 1; n <= enough; n += 1) {
    client.send(messageFrames(`message ${n}\n`, envelope))
    answers.count += 1
    if ((await client.answer(answers.count))?.number === wanted) return n
  }
  return undefined
}

/** What send asks for when a message is done. */
function finish(home: string, id: string): void {
  const { stdout } = spawnSync(join(bin, 'clean'), { env: environmentOf(home), input: `spare/${id}\0` })
  if (String(stdout) !== '+') throw new Error(`clean answered ${stdout}`)
}

t.test('a finished message is written over by a later one, of which nothing is left but its own bytes', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const client = new PlainClient(home)
  const answers = { count: 1 }
  client.send(messageFrames('a long line\n'.repeat(1_000), `${envelope}T${'x'.repeat(500)}@y.example\0`))
  const id = (await client.answer(1))?.number as string
  const [mess, todo] = [`mess/${Number(id) % 23}/${id}`, `todo/${id}`]
  const inode = statSync(join(home, 'queue', todo)).ino
  utimesSync(join(home, 'queue', mess), 1, 1)
  finish(home, id)
  t.same(queueFiles(home, 'spare'), [`spare/mess.${id}`, `spare/todo.${id}`])
  const n = await queueUntil(client, answers, id)
  t.match(queueText(home, mess), new RegExp(`^Received: \\(qmail ${id} invoked by uid ${myUid}\\); .*\nmessage ${n}\n$`))
  t.equal(queueText(home, todo), `u${myUid}\0p${id}\0${envelope}`)
  t.equal(statSync(join(home, 'queue', todo)).ino, inode)
  t.ok(statSync(join(home, 'queue', mess)).atimeMs > Date.now() - 86_400_000, 'nothing takes it for a stray file')
  t.same(queueFiles(home, 'spare'), [])
  client.socket.destroy()
})

t.test('a file that somebody has still open is not written over', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const client = new PlainClient(home)
  const answers = { count: 1 }
  client.send(messageFrames('for a program\n', envelope))
  const id = (await client.answer(1))?.number as string
  const reader = openSync(join(home, `queue/mess/${Number(id) % 23}/${id}`), 'r')
  finish(home, id)
  t.equal(await queueUntil(client, answers, id), undefined)
  t.equal(queueFiles(home, 'spare').includes(`spare/mess.${id}`), false, 'it is removed')
  closeSync(reader)
  client.socket.destroy()
})

t.test('a file that is longer than what deliveries get a copy of is not written over, whoever has put it there', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const client = new PlainClient(home)
  const answers = { count: 0 }
  for (const [sizeBytes, taken] of [
    [spareMessageBytes + 1, false],
    [spareMessageBytes, true],
  ] as const) {
    const path = join(home, 'queue/spare/new')
    writeFileSync(path, Buffer.alloc(sizeBytes))
    const id = String(statSync(path).ino)
    const name = openSync(path, O_PATH) // so that the number is not given out again
    renameSync(path, join(home, `queue/spare/mess.${id}`))
    t.equal((await queueUntil(client, answers, id)) !== undefined, taken, `${sizeBytes} bytes`)
    t.same(queueFiles(home, 'spare'), [])
    closeSync(name)
  }
  client.socket.destroy()
})

t.test('what is in spare/ at the start is not trusted', async (t) => {
  const home = scratchHome(t)
  writeFileSync(join(home, 'queue/spare/mess.1'), 'x')
  await readyListener(t, home)
  t.same(queueFiles(home, 'spare'), [])
})
