// What the seed document describes, item 10: POP3 with APOP, with USER and PASS, over a Maildir and over an mbox.
import { chmodSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { oneLine, untilDot } from '../../../../test/support/dialogue.ts'
import { ScratchHome } from '../../../../test/support/home.ts'
import { age, checked, digest, Listening } from './fixtures/listening.ts'

const home = await ScratchHome.make(t, 'kyoma', 'ann')
home.control('popextensions', undefined) // as an old home: replies are qmail's
home.control('apop', undefined)
await home.run('setpassword', ['kyoma', '--apop'], { input: 'yabumi\n' })
await home.run('setpassword', ['ann'], { input: 'xxxxxxxx\n' })
const listening = await Listening.start(t, home)

const document = `Return-Path: <kyoma@blue.sci.hokudai.ac.jp>
Delivered-To: kyoma@blue.sci.hokudai.ac.jp
Received: (qmail 27963 invoked from network); 22 Jun 1999 05:23:14 -0000
Received: from skyblue.sci.hokudai.ac.jp (HELO ?133.50.133.146?) (133.50.133.146)
  by blue.sci.hokudai.ac.jp with SMTP; 22 Jun 1999 05:23:14 -0000
Date: Tue, 22 Jun 1999 14:23:14 +0900
To: kyoma@blue.sci.hokudai.ac.jp
From: kyoma@blue.sci.hokudai.ac.jp
Subject: tes
X-Mailer: Eudora-J(1.3.8.8r6-J16)

tes
`

t.test("seed 10: the document's first dialogue, APOP over a Maildir", async (t) => {
  home.userFile('kyoma', 'Maildir/new/930028994.27963.blue', document)
  age(home, 'kyoma')
  const { pop, challenge } = await listening.connect()
  t.match(challenge, /^<[0-9.]+@blue\.sci\.hokudai\.ac\.jp>$/)
  t.equal(await pop.say(`APOP kyoma ${digest(challenge, 'yabumi')}`, oneLine), '+OK \r\n')
  t.equal(await pop.say('STAT', oneLine), `+OK 1 ${document.length}\r\n`)
  t.equal(await pop.say('LIST 1', oneLine), `+OK 1 ${document.length}\r\n`)
  t.equal(await pop.say('RETR 1', untilDot), `+OK \r\n${document.replaceAll('\n', '\r\n')}\r\n.\r\n`)
  t.equal(await pop.say('DELE 1', oneLine), '+OK \r\n')
  t.equal(await pop.say('QUIT', oneLine), '+OK \r\n')
  t.equal(await pop.hear(() => false), '', 'and the server hangs up')
  t.same(home.maildir('kyoma'), [])
})

t.test('seed 10: USER and PASS', async (t) => {
  home.userFile('ann', 'Maildir/new/1.a', 'Subject: hello\n\nann\n')
  age(home, 'ann')
  const { pop, reply } = await listening.logIn('ann', 'xxxxxxxx')
  t.equal(reply, '+OK \r\n')
  t.equal(await pop.say('UIDL', untilDot), '+OK \r\n1 1.a\r\n.\r\n')
  await pop.say('QUIT', oneLine)
  t.same(readdirSync(join(home.userHome('ann'), 'Maildir/cur')), ['1.a:2,'])
})

t.test('seed 10: a wrong password, digest or name', async (t) => {
  const refused = '-ERR authorization failed\r\n'
  for (const [login, password] of [
    ['ann', 'wrong'],
    ['ann', 'yabumi'],
    ['nosuch', 'yabumi'],
  ] as const) {
    const { pop, reply } = await listening.logIn(login, password)
    t.equal(reply, refused)
    t.equal(await pop.hear(() => false), '', 'and the server hangs up')
  }
  for (const [login, password] of [
    ['kyoma', 'wrong'],
    ['ann', 'xxxxxxxx'], // stored without --apop
    ['nosuch', 'yabumi'],
  ] as const) {
    const { pop, challenge } = await listening.connect()
    t.equal(await pop.say(`APOP ${login} ${digest(challenge, password)}`, oneLine), refused)
  }
  const { pop: first, challenge } = await listening.connect()
  const { pop: second } = await listening.connect()
  t.equal(await second.say(`APOP kyoma ${digest(challenge, 'yabumi')}`, oneLine), refused, 'a digest of another connection')
  first.close()
})

t.test('seed 10: a locked or missing Maildir', async (t) => {
  const maildir = join(home.userHome('ann'), 'Maildir')
  chmodSync(maildir, 0)
  const locked = await listening.logIn('ann', 'xxxxxxxx')
  t.equal(locked.reply, '-ERR this user has no $HOME/Maildir\r\n')
  chmodSync(maildir, 0o700)
  rmSync(maildir, { recursive: true })
  const missing = await listening.logIn('ann', 'xxxxxxxx')
  t.equal(missing.reply, '-ERR this user has no $HOME/Maildir\r\n')
})

t.test("seed 10: the document's second dialogue, POP3 over an mbox", async (t) => {
  const overMbox = await Listening.start(t, home, [...checked.slice(0, 2), 'Mailbox'])
  const stored = `>From kyoma@blue.sci.hokudai.ac.jp  Tue Jun 22 13:05:45 1999\nTo: kyoma@cosmos.sci.hokudai.ac.jp\nSubject: test\n\n        test\n\n`
  home.userFile('ann', 'Mailbox', `From kyoma@blue.sci.hokudai.ac.jp Tue Jun 22 04:05:45 1999\n${stored}\n`)
  const { pop, reply } = await overMbox.logIn('ann', 'xxxxxxxx')
  t.equal(reply, '+OK \r\n')
  t.equal(await pop.say('STAT', oneLine), `+OK 1 ${stored.length}\r\n`)
  t.equal(await pop.say('LIST', untilDot), `+OK \r\n1 ${stored.length}\r\n.\r\n`)
  t.equal(await pop.say('RETR 1', untilDot), `+OK \r\n${stored.replaceAll('\n', '\r\n')}\r\n.\r\n`)
  t.equal(await pop.say('DELE 1', oneLine), '+OK \r\n')
  t.equal(await pop.say('QUIT', oneLine), '+OK \r\n')
  await pop.hear(() => false)
  t.equal(readFileSync(join(home.userHome('ann'), 'Mailbox'), 'latin1'), '')
})
