import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import t from 'tap'
import { oneLine } from '../../../../test/support/dialogue.ts'
import { ScratchHome } from '../../../../test/support/home.ts'
import { Listening } from './fixtures/listening.ts'

const home = await ScratchHome.make(t)
home.control('apop', undefined)

/** Send everything at once and hear everything. */
async function exchange(port: number, input: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(Buffer.from(input, 'latin1'))
  const said = await text(socket.setEncoding('latin1'))
  return said.replace(/^\+OK <[0-9.]+@/, '+OK <N@')
}

t.test('no bytes from strangers stop popup', async (t) => {
  const listening = await Listening.start(t, home, ['sh', '-c', 'cat <&3 >/dev/null; exit 1'])
  const words = fc.constantFrom(
    'USER a\r\n',
    'PASS b\r\n',
    'APOP a b\r\n',
    'QUIT\r\n',
    '\0',
    '\r',
    '\n',
    'x'.repeat(5_000),
    '\xff\xf4\xff\xfd',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(words, { maxLength: 8 }), async (parts) => {
      const said = await exchange(listening.port, parts.join(''))
      t.match(said, /^\+OK <N@[^>]*>\r\n((\+OK|-ERR)[^\r\n]*\r\n)*$/, JSON.stringify(parts))
    }),
    { seed: 11, numRuns: 60 },
  )
  const { pop } = await listening.connect()
  t.equal(await pop.say('NOOP', oneLine), '+OK \r\n')
})
