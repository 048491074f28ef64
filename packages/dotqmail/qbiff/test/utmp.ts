import fc from 'fast-check'
import t from 'tap'
import { loginsOf } from '../src/utmp.ts'

const recordBytes = ['arm64', 'riscv64', 'loong64'].includes(process.arch) ? 400 : 384

function record(type: number, line: string, user: string): Buffer {
  const bytes = Buffer.alloc(recordBytes)
  bytes.writeInt16LE(type)
  bytes.write(line, 8, 32, 'latin1')
  bytes.write(user, 44, 32, 'latin1')
  return bytes
}

t.test('the terminals of a user are those of his sessions that last', async (t) => {
  const file = Buffer.concat([
    record(2, '~', 'reboot'),
    record(7, 'pts/0', 'joe'),
    record(7, 'pts/1', 'joey'),
    record(8, 'pts/2', 'joe'),
    record(7, 'tty1', 'joe'),
    record(7, 'x'.repeat(32), 'u'.repeat(32)),
    record(7, 'cut', 'joe').subarray(0, 100),
  ])
  t.same(loginsOf(file, 'joe'), ['pts/0', 'tty1'])
  t.same(loginsOf(file, 'u'.repeat(32)), ['x'.repeat(32)])
  t.same(loginsOf(file, 'nobody'), [])
})

t.test('any bytes are a file of logins', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_000 }), fc.string(), (bytes, user) => {
      loginsOf(Buffer.from(bytes), user)
    }),
    { seed: 7, numRuns: 300 },
  )
})
