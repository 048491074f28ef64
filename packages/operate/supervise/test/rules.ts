/** Who may connect to the smtpd of a home that supervise runs. */
import { connect } from 'node:net'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'

/** What a client with this address hears before it says anything: a greeting, or nothing where it is not let in. */
async function greeting(port: number, localAddress: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) return chunk.toString('latin1').slice(0, 4)
    return ''
  } finally {
    socket.destroy()
  }
}

t.test('a client that --smtp-rules denies is refused, and others are not', async (t) => {
  const home = await ScratchHome.make(t)
  home.control('clients', '127.0.0.2:deny\n')
  const running = await home.supervise({ pop3: [], options: ['--smtp-rules', 'control/clients'] })
  t.equal(await greeting(running.smtpPort, '127.0.0.2'), '')
  t.equal(await greeting(running.smtpPort, '127.0.0.1'), '220 ')
  await running.logs(/smtpd: clients are under the rules of control\/clients/)
  await running.logs(/smtpd: 127\.0\.0\.2 \d+: denied by a rule/)
  await running.stop()
})
