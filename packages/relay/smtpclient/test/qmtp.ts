/** QMTP to a host that takes pieces as fast as they are written. */
import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { netstring } from '@yabumi/netstring'
import t from 'tap'
import { HostSocket } from '../src/hostsocket.ts'
import { sendByQmtp } from '../src/qmtp.ts'

/** Takes every piece at once, and answers when it has the first one. */
class QuickHost extends HostSocket {
  bytes = 0

  override _write(piece: Buffer, _encoding: BufferEncoding, taken: () => void): void {
    if (this.bytes === 0) setImmediate(() => this.push(netstring('Kok')))
    this.bytes += piece.length
    taken()
  }

  override _read(): void {}
}

t.test('A5: an answer before the end of the message is heard, however fast the host takes that', async (t) => {
  const message = join(t.testdir(), 'message')
  writeFileSync(message, 'x'.repeat(1_000_000))
  const host = new QuickHost()
  const mail = { sender: 's@test.example', recipients: ['r@h.example'], facts: new Map(), fd: openSync(message, 'r') }
  const { answers, trouble } = await sendByQmtp(host, '127.0.0.1', mail, 60, performance.now() + 60_000)
  t.same(answers, [])
  t.match(trouble, 'out of step: an answer before the end of the message')
  t.ok(host.bytes < 200_000, `${host.bytes} bytes were taken`)
})
