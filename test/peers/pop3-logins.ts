/** Mail readers and a login that was stored as the README says: each gets in with what it likes best, and says why when it does not. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { age } from '../../packages/collect/popup/test/fixtures/listening.ts'
import { ScratchHome } from '../support/home.ts'
import { missing } from '../support/programs.ts'
import { runPeer, workplace } from './support/peer.ts'
import { fetched, makeMaildir, readers } from './support/readers.ts'

const home = await ScratchHome.make(t, 'joe')
const running = await home.supervise()
const mailbox = { port: running.pop3Port, login: 'joe', password: 'secret-of-joe' }
await home.run('setpassword', [mailbox.login], { input: `${mailbox.password}\n` })

const letter =
  'From: a@client.example\nTo: joe\nSubject: one\nDate: Wed, 23 Jun 1999 12:02:24 +0900\nMessage-ID: <1@client.example>\n\none\n'

function fill(): void {
  home.userFile('joe', 'Maildir/new/1.a', letter)
  age(home, 'joe')
}

for (const reader of readers) {
  t.test(`F3: ${reader.program} logs in`, { skip: missing(reader.program) }, async (t) => {
    fill()
    const directory = workplace(home, reader.program)
    makeMaildir(directory)
    const output = await reader.fetch(directory, mailbox, 'user')
    t.equal(fetched(directory).length, 1, output)
    t.same(home.maildir('joe'), [])
  })
}

for (const mechanism of ['plain', 'login', 'scram-sha-256']) {
  t.test(`mpop logs in by ${mechanism} under TLS`, { skip: missing('mpop') }, async (t) => {
    fill()
    const directory = workplace(home, `mpop-${mechanism}`)
    makeMaildir(directory)
    const account = ['--host=127.0.0.1', `--port=${mailbox.port}`, '--user=joe', '--passwordeval=echo secret-of-joe', `--auth=${mechanism}`]
    const tls = ['--tls=on', '--tls-starttls=on', '--tls-certcheck=off']
    const delivery = [`--delivery=maildir,${join(directory, 'Maildir')}`, '--keep=off', `--uidls-file=${join(directory, 'uidls')}`]
    await runPeer(directory, 'mpop', [...account, ...tls, ...delivery])
    t.equal(fetched(directory).length, 1)
  })
}

t.test('F3: mpop finds by CAPA what there is, and no APOP', { skip: missing('mpop') }, async (t) => {
  const directory = workplace(home, 'mpop-capa')
  const info = await runPeer(directory, 'mpop', ['--serverinfo', '--host=127.0.0.1', `--port=${mailbox.port}`, '--tls=off'])
  for (const capability of [/^ +PIPELINING:$/m, /^ +TOP:$/m, /^ +UIDL:$/m, /^ +EXPIRE NEVER:$/m, /^ +USER( |$)/m]) t.match(info, capability)
  t.notMatch(info, /APOP/)
})

const dialogue = `
import poplib, sys
pop = poplib.POP3('127.0.0.1', int(sys.argv[1]))
assert set(pop.capa()) >= {'USER', 'TOP', 'UIDL', 'PIPELINING', 'RESP-CODES', 'AUTH-RESP-CODE'}, pop.capa()
pop.user('joe')
try:
    pop.pass_('guess')
    sys.exit('a wrong password was right')
except poplib.error_proto as error:
    assert error.args[0].startswith(b'-ERR [AUTH]'), error
pop.user('joe')
pop.pass_('secret-of-joe')
assert pop.capa()['EXPIRE'] == ['NEVER']
assert pop.stat()[0] == 1
assert b'Subject: one' in pop.top(1, 0)[1]
pop.dele(1)
pop.quit()
`

t.test('F3: poplib asks for CAPA, and tries again in the same session', { skip: missing('python3') }, async (t) => {
  fill()
  const directory = workplace(home, 'poplib')
  writeFileSync(join(directory, 'dialogue.py'), dialogue)
  await runPeer(directory, 'python3', ['dialogue.py', String(mailbox.port)])
  t.same(home.maildir('joe'), [])
})
