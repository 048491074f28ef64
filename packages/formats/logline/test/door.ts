import { clientWordBytes, doorLines, doorLinesPerClient, doorLinesWhenMany } from '@yabumi/limits'
import t from 'tap'
import { type Caller, clientWord, DoorLog } from '../src/index.ts'

const stranger = (address: string, isOurs = false): Caller => ({ address, port: 4711, share: address, isOurs: () => isOurs })

/** A log, and the lines that it has written. */
function opened(): { log: DoorLog; lines: () => string[] } {
  const writes: string[] = []
  const log = new DoorLog('smtpd', (lines) => writes.push(lines))
  const lines = (): string[] => {
    log.flush()
    return writes.splice(0).flatMap((text) => text.split('\n'))
  }
  return { log, lines }
}

t.test('what a client has said is one word of printable ASCII', async (t) => {
  t.equal(clientWord('192.0.2.1 refused'), '192.0.2.1=20refused')
  t.equal(clientWord('a=b\r\n\xe9\0%~!'), 'a=3Db=0D=0A=E9=00%~!')
  t.equal(clientWord(''), '-')
})

t.test(`of a client's word ${clientWordBytes} bytes stand in the log, and no half of an escape`, async (t) => {
  const longest = 'x'.repeat(clientWordBytes)
  t.equal(clientWord(longest), longest)
  t.equal(clientWord(`${longest}y`), longest)
  t.equal(clientWord(`${'x'.repeat(clientWordBytes - 3)} z`), `${'x'.repeat(clientWordBytes - 3)}=20`)
  for (const cut of [1, 2]) {
    const start = 'x'.repeat(clientWordBytes - cut)
    t.equal(clientWord(`${start} z`), start)
  }
})

t.test('lines of a moment leave in one write', async (t) => {
  const writes: string[] = []
  const log = new DoorLog('smtpd', (lines) => writes.push(lines))
  log.tell(stranger('192.0.2.1'), 'message 457, 82 bytes', '<1@x>')
  log.tell(stranger('192.0.2.1'), 'end: quit', 'x')
  log.end()
  log.end()
  t.same(writes, ['smtpd: 192.0.2.1 4711: message 457, 82 bytes: <1@x>\nsmtpd: 192.0.2.1 4711: end: quit: x'])
})

t.test('lines are written soon though nobody asks', async (t) => {
  const keep = setInterval(() => undefined, 1_000)
  const written = new Promise<string>((resolve) => new DoorLog('smtpd', resolve).tell(stranger('192.0.2.1'), 'denied'))
  t.equal(await written, 'smtpd: 192.0.2.1 4711: denied')
  clearInterval(keep)
})

t.test('a stranger is refused, one of ours is declined', async (t) => {
  const { log, lines } = opened()
  log.refused(stranger('192.0.2.1'), '553 no', 'RCPT TO:<x>')
  log.refused(stranger('127.0.0.1', true), '553 no', 'RCPT TO:<x>')
  log.refused(stranger('192.0.2.1'), '552 too big\x1b', '<1@x>', 'message')
  t.same(lines(), [
    'smtpd: 192.0.2.1 4711: refused: 553 no: RCPT=20TO:<x>',
    'smtpd: 127.0.0.1 4711: declined: 553 no: RCPT=20TO:<x>',
    'smtpd: 192.0.2.1 4711: refused message: 552 too big_: <1@x>',
  ])
})

t.test(
  `a client causes ${doorLinesPerClient} lines a minute for nothing, the next is counted; what it paid for is always written`,
  async (t) => {
    const { log, lines } = opened()
    const flood = stranger('192.0.2.1')
    for (let n = 0; n < doorLinesPerClient; n += 1) log.refused(flood, '502 no', 'X')
    t.equal(lines().length, doorLinesPerClient)
    log.refused(flood, '502 no', 'X')
    log.note(flood, 'end: quit', 'x')
    t.same(lines(), [])
    log.tell(flood, 'message 457, 82 bytes', '<1@x>')
    log.note(stranger('192.0.2.2'), 'denied')
    t.same(lines(), ['smtpd: 192.0.2.1 4711: message 457, 82 bytes: <1@x>', 'smtpd: 192.0.2.2 4711: denied'])
    log.endMinute()
    t.same(lines(), ['smtpd: 192.0.2.1: 2 lines more than its 60 within a minute'])
    log.note(flood, 'denied')
    t.same(lines(), ['smtpd: 192.0.2.1 4711: denied'], 'another minute')
  },
)

t.test(`all clients cause ${doorLines} lines a minute, and few clients leave room for many`, async (t) => {
  const { log, lines } = opened()
  const address = (n: number): string => `10.0.${n >> 8}.${n & 255}`
  const noted = (n: number, times: number): void => {
    for (let time = 0; time < times; time += 1) log.note(stranger(address(n)), 'denied')
  }
  const busy = doorLines / 2 / doorLinesPerClient
  for (let n = 0; n < busy; n += 1) noted(n, doorLinesPerClient)
  t.equal(lines().length, doorLines / 2)
  noted(busy, doorLinesWhenMany + 1)
  t.equal(lines().length, doorLinesWhenMany, 'half is used up')
  for (let n = 0; n < doorLines / 2 - doorLinesWhenMany; n += 1) noted(busy + 1 + n, 1)
  t.equal(lines().length, doorLines / 2 - doorLinesWhenMany)
  noted(50_000, 1)
  t.same(lines(), [])
  log.endMinute()
  t.same(lines(), [
    `smtpd: ${address(busy)}: 1 lines more than its 5 within a minute`,
    'smtpd: 1 lines of others more than the 6000 of all within a minute',
  ])
})
