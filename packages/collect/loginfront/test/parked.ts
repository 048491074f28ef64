// A connection that rests: what wakes it, what its client hears, and how it ends.
import { once } from 'node:events'
import { closeSync, existsSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { parkedCallSeconds, parkedSilenceSeconds } from '@yabumi/limits'
import { copyDescriptor, makePipe, socketPair } from '@yabumi/posix'
import t, { type Test } from 'tap'
import { Parked } from '../src/parked.ts'

const signOfLife = '* OK Still here\r\n'

class Client {
  readonly socket: Socket
  readonly parked: Parked
  heard = ''
  /** What the session was revived with. */
  readonly revived: string[] = []
  readonly woken = Promise.withResolvers<void>()
  readonly ended = Promise.withResolvers<void>()
  isOver = false

  constructor(t: Test, sign: string, watch?: number) {
    const [ours, theirs] = socketPair()
    this.socket = new Socket({ fd: theirs, readable: true, writable: true })
    this.socket.setEncoding('latin1').on('data', (text: string) => {
      this.heard += text
    })
    t.teardown(() => this.socket.destroy())
    const parked = { watch, signOfLife: sign, lastWord: '* BYE\r\n' }
    this.parked = new Parked(ours, parked, {
      revive: async (fd, bytes) => {
        writeSync(fd, `served ${bytes}`)
        this.revived.push(String(bytes))
        this.woken.resolve()
      },
      end: () => {
        this.isOver = true
        this.ended.resolve()
      },
    })
    closeSync(ours)
  }

  async hears(text: string): Promise<void> {
    while (!this.heard.includes(text)) await once(this.socket, 'data')
  }
}

t.test('what the client says goes along, and it is served once', async (t) => {
  const client = new Client(t, '')
  client.socket.write('b NOOP\r\n')
  await client.hears('served b NOOP\r\n')
  client.parked.wake()
  client.parked.hangUp()
  t.same(client.revived, ['b NOOP\r\n'])
  await once(client.socket, 'close')
  t.notMatch(client.heard, 'BYE')
})

t.test('what it waits for wakes it', async (t) => {
  const { read, write } = makePipe(true)
  const watch = copyDescriptor(read)
  t.teardown(() => [read, write].forEach((fd) => void closeSync(fd)))
  const client = new Client(t, signOfLife, watch)
  writeSync(write, 'x')
  await client.woken.promise
  t.same(client.revived, [''])
  t.notOk(existsSync(`/proc/self/fd/${watch}`), 'and nothing of it is held')
})

t.test('a sign of life at its time, and silence only for who hears none', async (t) => {
  const [idle, silent] = [new Client(t, signOfLife), new Client(t, '')]
  const later = (seconds: number): number => performance.now() + 1000 * seconds
  for (const each of [idle, silent]) each.parked.tick(later(parkedCallSeconds - 10))
  idle.parked.tick(later(parkedCallSeconds + 1))
  await idle.hears(signOfLife)
  t.equal(idle.heard, signOfLife)
  for (const each of [idle, silent]) each.parked.tick(later(parkedSilenceSeconds - 10))
  t.notOk(silent.isOver)
  for (const each of [idle, silent]) each.parked.tick(later(parkedSilenceSeconds + 1))
  await silent.ended.promise
  await silent.hears('* BYE\r\n')
  t.notOk(idle.isOver)
  idle.parked.hangUp()
  await idle.hears('* BYE\r\n')
})

t.test('a client that goes ends it', async (t) => {
  const client = new Client(t, '')
  client.socket.destroy()
  await client.ended.promise
  t.same(client.revived, [])
})
