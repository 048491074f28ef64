/** A message's whole way: by SMTP into a Maildir, and by POP3 into the mailbox of a mail reader, which removes it here. */
import t from 'tap'
import { age } from '../../packages/collect/popup/test/fixtures/listening.ts'
import { sendMail } from '../support/dialogue.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'
import { workplace } from './support/peer.ts'
import { bySize, fetched, type Method, makeMaildir, readers } from './support/readers.ts'

const home = await ScratchHome.make(t, 'joe')
const running = await home.supervise()
const mailbox = { port: running.pop3Port, login: 'joe', password: 'secret-of-joe' }
await home.run('setpassword', ['--apop', mailbox.login], { input: `${mailbox.password}\n` })

const letters = [
  'From: a@client.example\nTo: joe\nSubject: dots\nDate: Wed, 23 Jun 1999 12:02:24 +0900\nMessage-ID: <1@client.example>\n\n.\n..\n.dot\nFrom here\n\ncaf\xe9\n',
  `From: a@client.example\nTo: joe\nSubject: long\nDate: Wed, 23 Jun 1999 12:02:25 +0900\nMessage-ID: <2@client.example>\n\n${`${'x'.repeat(900)}\n`.repeat(500)}`,
]

/** The message from a field on: a reader may put fields above it, and an empty line that the protocol adds below. */
function from(field: RegExp, text: string): string {
  return text.slice(text.search(field)).replace(/\n+$/, '\n')
}

for (const reader of readers) {
  for (const method of ['user', 'apop'] satisfies Method[]) {
    t.test(`${reader.program} fetches by ${method} what came by SMTP`, { skip: missing(reader.program) }, async (t) => {
      for (const letter of letters) t.match(await sendMail(running.smtpPort, 'a@client.example', [`joe@${hostName}`], letter), /^250 ok /)
      const stored = await until('both are there', () => home.maildir('joe').length === 2 && home.maildir('joe').sort(bySize))
      age(home, 'joe')
      const directory = workplace(home, `${reader.program}-${method}`)
      makeMaildir(directory)
      const output = await reader.fetch(directory, mailbox, method)
      const ours = /^Received: \(qmail /m
      t.same(
        fetched(directory).map((text) => from(ours, text)),
        stored.map((text) => from(ours, text)),
        output,
      )
      t.same(
        fetched(directory).map((text) => from(/^From: /m, text)),
        letters,
      )
      t.same(home.maildir('joe'), [], 'nothing is left here')
    })
  }
}
