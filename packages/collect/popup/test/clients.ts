// Real mail readers against popup, checkpassword and pop3d: each fetches two messages byte for byte and removes them.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { runPeer, workplace } from '../../../../test/peers/support/peer.ts'
import { fetched, type Method, makeMaildir, readers } from '../../../../test/peers/support/readers.ts'
import { ScratchHome } from '../../../../test/support/home.ts'
import { missing } from '../../../../test/support/programs.ts'
import { age, Listening } from './fixtures/listening.ts'

const login = 'kyoma'
const password = 'geheim'
const home = await ScratchHome.make(t, login)
home.control('apop', '1\n')
await home.run('setpassword', [login, '--apop'], { input: `${password}\n` })
const listening = await Listening.start(t, home)

const messages = [
  'From: a@blue.example\nTo: kyoma@blue.example\nSubject: =?utf-8?q?caf=C3=A9?=\nMessage-ID: <1@blue.example>\nDate: 22 Jun 1999 05:23:14 -0000\n\n.\n..dots\nFrom the start\n\nend\n',
  `From: b@blue.example\nTo: kyoma@blue.example\nSubject: long\nMessage-ID: <2@blue.example>\nDate: 22 Jun 1999 05:23:15 -0000\n\n${'caf\xe9 '.repeat(12).concat('\n').repeat(3_000)}`,
]

function fill(): void {
  for (const [index, message] of messages.entries()) home.userFile(login, `Maildir/new/${930_000_000 + index}.1.blue`, message)
  age(home, login)
}

for (const reader of readers) {
  for (const method of ['user', 'apop'] satisfies Method[]) {
    t.test(`${reader.program} fetches by ${method}`, { skip: missing(reader.program) }, async (t) => {
      fill()
      const directory = workplace(home, `${reader.program}-${method}`)
      makeMaildir(directory)
      const output = await reader.fetch(directory, { port: listening.port, login, password }, method)
      t.same(fetched(directory).map(withoutAdditions), messages.map(withoutAdditions), output)
      t.same(home.maildir(login), [], 'and removed')
    })
  }
}

/** Every client may add fields of its own on top, and an empty line at the end: the protocol adds one in qmail's way. */
function withoutAdditions(text: string): string {
  return text.slice(text.search(/^From: /m)).replace(/\n*$/, '\n')
}

t.test('curl lists, fetches and removes by APOP', { skip: missing('curl') }, async (t) => {
  fill()
  const directory = workplace(home, 'curl')
  const curl = (...args: string[]) =>
    runPeer(directory, 'curl', ['-sS', '--user', `${login}:${password}`, '--login-options', 'AUTH=+APOP', ...args])
  const url = `pop3://127.0.0.1:${listening.port}/`
  t.same(
    (await curl(url)).trimEnd().split(/\r?\n/),
    messages.map(({ length }, index) => `${index + 1} ${length}`),
  )
  for (const [index, message] of messages.entries()) {
    await curl('-o', join(directory, 'one'), `${url}${index + 1}`)
    t.equal(readFileSync(join(directory, 'one'), 'latin1').replaceAll('\r\n', '\n'), `${message}\n`, 'with the empty line that qmail adds')
  }
  for (const _ of messages) await curl('--request', 'DELE', '--head', `${url}1`)
  t.same(home.maildir(login), [])
})

t.test('curl is refused with a wrong password', { skip: missing('curl') }, async (t) => {
  const { exitCode } = await execa('curl', ['-sS', '--user', `${login}:wrong`, `pop3://127.0.0.1:${listening.port}/`], {
    reject: false,
    cwd: dirname(home.root),
  })
  t.equal(exitCode, 67)
})
