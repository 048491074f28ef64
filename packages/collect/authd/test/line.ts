/** Who is checked next: shares for each caller, network and client, and half of everything for those who have logged in well. */
import { loginChecks, loginsWaiting } from '@yabumi/limits'
import t from 'tap'
import { type Applicant, Line } from '../src/line.ts'
import { networkOf } from '../src/network.ts'
import { Rota } from '../src/rota.ts'

/** A line and what becomes of those who stand in it, by name. */
function watched() {
  let crowded = 0
  const line = new Line(() => {
    crowded += 1
  })
  const began: string[] = []
  const sentAway: string[] = []
  const ends = new Map<string, () => void>()
  return {
    began,
    sentAway,
    crowded: () => crowded,
    enter(name: string, address: string, more: Partial<Applicant> = {}): void {
      void line.turn({ caller: 1, isKnown: false, ...networkOf(address), ...more }).then((end) => {
        if (end === undefined) sentAway.push(name)
        else {
          began.push(name)
          ends.set(name, end)
        }
      })
    },
    async end(...names: string[]): Promise<void> {
      for (const name of names) ends.get(name)?.()
      await new Promise(setImmediate)
    },
  }
}

const turn = (): Promise<unknown> => new Promise(setImmediate)

t.test('so many are checked at once, and one more waits', async (t) => {
  const line = watched()
  for (let n = 0; n <= loginChecks; n += 1) line.enter(String(n), `192.0.2.${n}`)
  await turn()
  t.equal(line.began.length, loginChecks)
  await line.end('2')
  t.equal(line.began.length, loginChecks + 1)
})

t.test('each address has its turn, however many of another wait', async (t) => {
  const line = watched()
  for (let n = 0; n < loginChecks; n += 1) line.enter(`first ${n}`, '192.0.2.1')
  for (let n = 0; n < 50; n += 1) line.enter(`flood ${n}`, '192.0.2.1')
  line.enter('somebody', '198.51.100.7')
  line.enter('somebody else', '203.0.113.9')
  await turn()
  await line.end('first 0', 'first 1', 'first 2')
  t.same(line.began.slice(loginChecks), ['flood 0', 'somebody', 'somebody else'])
})

t.test('a /56 has one turn among all, and a /64 one within it', async (t) => {
  t.same(networkOf('2001:db8:0:1ff::1'), { client: '2001:db8:0:1ff/64', network: '2001:db8:0:100/56' })
  t.same(networkOf('2001:DB8:0:100::2').network, networkOf('2001:db8:0:1ff::1').network)
  t.not(networkOf('2001:db8:0:200::1').network, networkOf('2001:db8:0:1ff::1').network)
  t.same(networkOf('192.0.2.1'), { client: '192.0.2.1', network: '192.0.2.1' })
  t.same(networkOf('x'.repeat(100)), networkOf(''), 'what is no address is one client')
  const line = watched()
  for (let n = 0; n < loginChecks; n += 1) line.enter(`first ${n}`, '192.0.2.1')
  for (let n = 0; n < 40; n += 1) line.enter(`flood ${n}`, `2001:db8:0:1${n.toString(16).padStart(2, '0')}::1`)
  line.enter('somebody', '2001:db8:7::1')
  await turn()
  await line.end('first 0', 'first 1')
  t.same(line.began.slice(loginChecks), ['flood 0', 'somebody'])
})

t.test('half of the checks are for those who have logged in well, whoever waits', async (t) => {
  const line = watched()
  for (let n = 0; n < 60; n += 1) line.enter(`stranger ${n}`, `192.0.2.${n}`)
  for (let n = 0; n < 20; n += 1) line.enter(`known ${n}`, `198.51.100.${n}`, { isKnown: true })
  await turn()
  t.same(line.began, ['stranger 0', 'stranger 1', 'stranger 2', 'stranger 3'], 'who is alone may have all')
  await line.end('stranger 0', 'stranger 1')
  t.same(line.began.slice(4), ['known 0', 'known 1'])
  await line.end('known 0', 'stranger 2')
  t.same(line.began.slice(6).sort(), ['known 1', 'known 2', 'stranger 4'].sort().slice(1), 'half and half')
})

t.test('who waits most is sent away when nobody more can wait, and the others stay', async (t) => {
  const line = watched()
  for (let n = 0; n < loginChecks; n += 1) line.enter(`first ${n}`, '192.0.2.1')
  for (let n = 0; n < loginsWaiting / 2; n += 1) line.enter(`flood ${n}`, '192.0.2.1')
  await turn()
  t.same([line.sentAway, line.crowded()], [[], 0], 'the limit waits')
  line.enter('somebody', '198.51.100.7')
  await turn()
  t.same(line.sentAway, [`flood ${loginsWaiting / 2 - 1}`])
  line.enter('known', '203.0.113.9', { isKnown: true })
  await turn()
  t.equal(line.sentAway.length, 1, 'those who have logged in well have places of their own')
  t.equal(line.crowded(), 1)
})

t.test('a caller that names an address for each login has no more than its share', async (t) => {
  const line = watched()
  for (let n = 0; n < loginChecks; n += 1) line.enter(`first ${n}`, '192.0.2.1')
  for (let n = 0; n < loginsWaiting / 2; n += 1) line.enter(`flood ${n}`, `10.0.${n >> 8}.${n & 255}`)
  line.enter('of another caller', '10.1.1.1', { caller: 2 })
  await turn()
  t.equal(line.sentAway.length, 1)
  t.notOk(line.sentAway.includes('of another caller'))
  await line.end('first 0', 'first 1')
  t.ok(line.began.includes('of another caller'))
})

t.test('a rota keeps count, and the youngest of whoever has most goes first', async (t) => {
  const rota = new Rota<string>()
  for (const [path, name] of [
    ['a', 'a1'],
    ['a', 'a2'],
    ['b', 'b1'],
    ['a', 'a3'],
    ['c', 'c1'],
  ] as const)
    rota.add([path], name)
  t.equal(rota.drop(), 'a3')
  t.same([rota.next(), rota.next(), rota.next(), rota.next(), rota.next()], ['a1', 'b1', 'c1', 'a2', undefined])
  t.equal(rota.size, 0)
})
