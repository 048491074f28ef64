// Messages that are put together of others, or take the place of one (RFC 4469, RFC 8508).
import { imapMessageBytes } from '@yabumi/limits'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { answered, ImapSession } from './fixtures/imap.ts'

const home = await ScratchHome.make(t, 'kyoma')
const first = 'Subject: one\r\nContent-Type: text/plain\r\n\r\nfirst\r\n'

async function begin(): Promise<ImapSession> {
  const imap = await ImapSession.start(t, home, 'kyoma')
  await imap.say('m CREATE box')
  await imap.say(`m APPEND box {${first.length}+}\r\n${first}`, answered('m'))
  await imap.say('m SELECT box')
  return imap
}

t.test('CATENATE: texts and parts, in their order, of several messages', async (t) => {
  const imap = await begin()
  const uidValidity = /UIDVALIDITY (\d+)/.exec(await imap.say('a STATUS box (UIDVALIDITY)'))?.[1]
  const url = `/box;UIDVALIDITY=${uidValidity}/;UID=1`
  t.match(
    await imap.say(
      `b APPEND box (\\Seen) CATENATE (URL "${url}/;SECTION=HEADER" TEXT {5+}\r\nnew\r\n URL "/box/;UID=1/;SECTION=TEXT/;PARTIAL=1.4") CATENATE (URL ${url})`,
      answered('b'),
    ),
    /\* 3 EXISTS[\s\S]*b OK \[APPENDUID \d+ 2:3\]/,
  )
  t.match(await imap.say('c FETCH 2 (FLAGS BODY.PEEK[])', answered('c')), `\r\n\r\nnew\r\nirst)\r\n`)
  t.match(await imap.say('d FETCH 3 BODY.PEEK[]', answered('d')), `{${first.length}}\r\n${first})`)
  for (const wrong of ['/box/;UID=9', '/nosuch/;UID=1', '/box;UIDVALIDITY=1/;UID=1', '/box/;UID=1/;SECTION=2', 'http://x/']) {
    t.match(await imap.say(`e APPEND box CATENATE (URL "${wrong}" TEXT {1+}\r\nx)`, answered('e')), `e NO [BADURL ${wrong}] `)
  }
  t.match(await imap.say('f APPEND box CATENATE (URL "/box/;UID=1" TEXT {3}', (heard) => heard.includes('\r\n')), '+ ')
  t.match(await imap.say('abc)', answered('f')), 'f OK ')
  t.match(await imap.say('g FETCH 4 BODY.PEEK[TEXT]', answered('g')), 'first\r\nabc)')
})

t.test('CATENATE has no more bytes than a message may have', async (t) => {
  const imap = await ImapSession.start(t, home, 'kyoma')
  t.match(await imap.say(`a APPEND INBOX CATENATE (TEXT {1+}\r\nx TEXT {${imapMessageBytes}}`, answered('a')), 'a NO [TOOBIG] ')
  t.match(await imap.say(`b APPEND INBOX CATENATE (TEXT {1+}\r\nx TEXT {${imapMessageBytes - 1}}`, (heard) => heard.includes('\r\n')), '+ ')
})

t.test('REPLACE: a message comes, and the one that is named goes', async (t) => {
  const imap = await begin()
  const count = Number(/(\d+) EXISTS/.exec(await imap.say('a SELECT box'))?.[1])
  t.match(
    await imap.say('b REPLACE 1 box (\\Draft) {3+}\r\nnew', answered('b')),
    /^\* OK \[APPENDUID \d+ \d+\][\s\S]*\* 1 EXPUNGE\r\n[\s\S]*b OK /,
  )
  t.match(await imap.say(`c FETCH ${count} (FLAGS RFC822.SIZE)`), /FLAGS \(\\Draft( \\Recent)?\) RFC822.SIZE 3/)
  t.match(await imap.say('d UID REPLACE 99999 box {3+}\r\nnew', answered('d')), 'd NO ')
  t.match(await imap.say('e REPLACE 99 box {3}', answered('e')), 'e BAD ')
  t.match(await imap.say('f REPLACE 1:2 box {3}', answered('f')), 'f BAD ')
  t.match(await imap.say('g UID REPLACE 3 nosuch {3}', answered('g')), 'g NO [TRYCREATE] ')
  t.match(
    await imap.say('h UID REPLACE 3 INBOX CATENATE (URL "/box/;UID=3")'),
    /\* OK \[APPENDUID \d+ 1\][\s\S]*\* 2 EXPUNGE\r\n[\s\S]*h OK /,
  )
  await imap.say('i EXAMINE box')
  t.match(await imap.say('j REPLACE 1 box {3}', answered('j')), 'j NO ')
  await imap.say('k CLOSE')
  t.match(await imap.say('l REPLACE 1 box {3}', answered('l')), 'l BAD ')
})
