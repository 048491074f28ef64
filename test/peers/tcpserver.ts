/** smtpd and popup run by tcpserver for each connection, with the environment and the rules that it gives them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { age } from '../../packages/collect/popup/test/fixtures/listening.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { missing } from '../support/programs.ts'
import { startSink } from '../support/sink.ts'
import { until } from '../support/wait.ts'
import { arrived, deliveryFields, runPeer, workplace } from './support/peer.ts'
import { fetched, type Method, makeMaildir, readers } from './support/readers.ts'
import { startTcpserver, tcprules } from './support/tcpserver.ts'

const home = await ScratchHome.make(t, 'joe', 'ann')
const sink = await startSink()
t.teardown(() => sink.close())
home.control('authcheck', undefined) // these letters have no author, and clients that are not 127.0.0.1 are strangers
home.control('smtproutes', `:127.0.0.1:${sink.port}\n`)
await home.supervise({ smtp: [], pop3: [] })
const place = workplace(home, 'place')
const joe = `joe@${hostName}`

t.test('smtpd obeys what tcprules say of a client', { skip: missing('tcpserver', 'tcprules', 'curl') }, async (t) => {
  const rules = await tcprules(
    place,
    '127.0.0.1:allow,RELAYCLIENT="",TCPREMOTEHOST="client.example",TCPREMOTEINFO="ident"',
    '127.0.0.2:allow,RELAYCLIENT="@relay.example"',
    '127.0.0.3:allow,DATABYTES="60"',
    '127.0.0.4:deny',
    ':allow',
  )
  const server = await startTcpserver(t, home, ['-x', rules], ['bin/smtpd'])
  /** Send as a client at this address. */
  const send = (ip: string, recipient: string, message: string): Promise<string> => {
    writeFileSync(join(place, 'letter'), message.replaceAll('\n', '\r\n'))
    const who = ['--interface', ip, '--mail-from', 'a@client.example', '--mail-rcpt', recipient]
    return runPeer(place, 'curl', ['-sS', '-v', ...who, '-T', 'letter', `smtp://127.0.0.1:${server.port}/helo.example`])
  }

  await t.test('RELAYCLIENT lets a client send anywhere', async (t) => {
    await send('127.0.0.1', 'god@far.example', 'Subject: relayed\n\nx\n')
    const message = await until('it is at the next host', () => sink.messages.find(({ text }) => text.includes('\nSubject: relayed\n')))
    t.same(message.recipients, ['god@far.example'])
    t.ok(message.text.endsWith('\nSubject: relayed\n\nx\n'))
  })

  await t.test('the Received line has the host and the name that tcpserver tells', async (t) => {
    await send('127.0.0.1', joe, 'Subject: traced\n\nx\n')
    const text = await arrived(home, 'joe', 'Subject: traced\n')
    t.match(text, new RegExp(`${deliveryFields('a@client\\.example', joe)}Received: \\(qmail \\d+ invoked from network\\); `))
    t.match(
      text,
      /\nReceived: from client\.example \(HELO helo\.example\) \(ident@127\.0\.0\.1\)\n {2}by local\.example with SMTP; .*\nSubject: /,
    )
  })

  await t.test('the text of RELAYCLIENT is put behind each recipient', async (t) => {
    await send('127.0.0.2', 'god@far.example', 'Subject: with a suffix\n\nx\n')
    const message = await until('it is at the next host', () =>
      sink.messages.find(({ text }) => text.includes('\nSubject: with a suffix\n')),
    )
    t.same(message.recipients, ['"god@far.example"@relay.example'])
  })

  await t.test('without RELAYCLIENT only rcpthosts count', async (t) => {
    await t.rejects(send('127.0.0.9', 'god@far.example', 'Subject: not relayed\n\nx\n'), {
      message: /< 553 5\.7\.1 sorry, that domain isn't in my list/,
    })
    await send('127.0.0.9', joe, 'Subject: from nobody special\n\nx\n')
    t.ok((await arrived(home, 'joe', 'Subject: from nobody special\n')).endsWith('\n\nx\n'))
  })

  await t.test('DATABYTES limits this client', async (t) => {
    const large = `Subject: large\n\n${'x'.repeat(100)}\n`
    await t.rejects(send('127.0.0.3', joe, large), { message: /< 552 5\.3\.4 sorry, that message size exceeds my databytes limit/ })
    await send('127.0.0.3', joe, 'Subject: small\n\nx\n')
    await arrived(home, 'joe', 'Subject: small\n')
  })

  await t.test('a client that is denied hears nothing', async (t) => {
    await t.rejects(send('127.0.0.4', joe, 'Subject: denied\n\nx\n'), { message: /curl: \((?:52|56|55|8)\)/ })
  })

  await t.test('smtpd ends with 0 behind QUIT', async () => {
    await server.ended(4, 0)
  })
})

t.test('popup, checkpassword and pop3d serve each connection', { skip: missing('tcpserver') }, async (t) => {
  const account = { login: 'ann', password: 'secret-of-ann' }
  home.control('apop', '1\n')
  await home.run('setpassword', ['--apop', account.login], { input: `${account.password}\n` })
  const server = await startTcpserver(t, home, [], ['bin/popup', hostName, 'bin/checkpassword', 'bin/pop3d', 'Maildir'])
  const messages = ['From: a@client.example\nSubject: one\n\n.\n', 'From: a@client.example\nSubject: two\n\n..two\n']

  for (const reader of readers) {
    for (const method of ['user', 'apop'] satisfies Method[]) {
      await t.test(`${reader.program} fetches by ${method}`, { skip: missing(reader.program) }, async (t) => {
        for (const [index, message] of messages.entries()) home.userFile('ann', `Maildir/new/${930_000_000 + index}.1.blue`, message)
        age(home, 'ann')
        const directory = workplace(home, `${reader.program}-${method}`)
        makeMaildir(directory)
        await reader.fetch(directory, { ...account, port: server.port }, method)
        const texts = fetched(directory).map((text) => text.slice(text.search(/^From: /m)))
        t.same(
          texts.map((text) => text.replace(/\n+$/, '\n')),
          messages,
        )
        t.same(home.maildir('ann'), [], 'nothing is left here')
      })
    }
  }

  await t.test('a wrong password is refused', { skip: missing('curl') }, async (t) => {
    const url = `pop3://127.0.0.1:${server.port}/`
    await t.rejects(runPeer(place, 'curl', ['-sS', '--user', 'ann:guess', url]), { message: /^curl ended with 67:/ })
  })

  await t.test('popup ends with 1, as qmail-popup does', { skip: missing('mpop') }, async () => {
    await server.ended(2, 1)
  })
})
