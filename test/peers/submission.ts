/** Programs of Debian that send mail as a person: each logs in to submission by each mechanism that it has. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { hostName, ScratchHome } from '../support/home.ts'
import { freePort } from '../support/ports.ts'
import { missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'
import { runPeer, workplace } from './support/peer.ts'

const home = await ScratchHome.make(t, 'joe', 'ann')
await home.run('setpassword', ['joe', '--apop'], { input: 'geheim\n' })
const port = await freePort()
const running = await home.supervise({ smtp: [], pop3: [], submission: [`127.0.0.1:${port}`] })
const [from, to] = [`joe@${hostName}`, `ann@${hostName}`]
const letter = `From: ${from}\nTo: ${to}\nSubject: sent\n\nbody\n`
let sent = 0

async function arrives(test: Test): Promise<void> {
  sent += 1
  await until(`message ${sent} comes; the log:\n${running.log}`, () => home.maildir('ann').length === sent)
  test.pass('it came')
}

for (const mechanism of ['PLAIN', 'LOGIN']) {
  t.test(`swaks sends by ${mechanism}`, { skip: missing('swaks') }, async (t) => {
    const words = ['--server', '127.0.0.1', '--port', String(port), '--from', from, '--to', to, '--auth', mechanism]
    await runPeer(workplace(home, `swaks-${mechanism}`), 'swaks', [...words, '--auth-user', 'joe', '--auth-password', 'geheim'])
    await arrives(t)
  })

  t.test(`curl sends by ${mechanism}`, { skip: missing('curl') }, async (t) => {
    const directory = workplace(home, `curl-${mechanism}`)
    writeFileSync(join(directory, 'letter'), letter.replaceAll('\n', '\r\n'))
    const words = ['-sS', `smtp://127.0.0.1:${port}/client.example`, '--mail-from', from, '--mail-rcpt', to, '-T', 'letter']
    await runPeer(directory, 'curl', [...words, '--user', 'joe:geheim', '--login-options', `AUTH=${mechanism}`])
    await arrives(t)
  })
}

for (const mechanism of ['plain', 'login', 'scram-sha-256']) {
  t.test(`msmtp sends by ${mechanism} under TLS`, { skip: missing('msmtp') }, async (t) => {
    const words = ['--host=127.0.0.1', `--port=${port}`, '--user=joe', '--passwordeval=echo geheim', `--auth=${mechanism}`]
    const tls = ['--tls=on', '--tls-starttls=on', '--tls-certcheck=off']
    await runPeer(workplace(home, `msmtp-${mechanism}`), 'msmtp', [...words, ...tls, `--from=${from}`, '--', to], { input: letter })
    await arrives(t)
  })
}

t.test('gsasl and the server prove themselves to each other by SCRAM', { skip: missing('gsasl') }, async (t) => {
  const words = ['--smtp', '--mechanism', 'SCRAM-SHA-256', '--authentication-id', 'joe', '--password', 'geheim']
  const output = await runPeer(workplace(home, 'gsasl'), 'gsasl', [...words, '--no-starttls', '--no-cb', '--connect', `127.0.0.1:${port}`])
  t.match(output, /server trusted/)
})
