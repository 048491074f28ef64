// A mailbox from its first message to its last, by one session.
import { imapMessageBytes } from '@yabumi/limits'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { answered, ImapSession } from './fixtures/imap.ts'

const home = await ScratchHome.make(t, 'kyoma')
const message = 'From: a@example.org\r\nSubject: one\r\n\r\nfirst\r\n'

t.test('a message is appended, found, read, marked, copied and expunged', async (t) => {
  const imap = await ImapSession.start(t, home, 'kyoma')
  t.match(
    await imap.say(`a APPEND INBOX (\\Flagged) " 7-Feb-1994 21:52:25 -0800" {${message.length}+}\r\n${message}`, answered('a')),
    /a OK \[APPENDUID \d+ 1\]/,
  )
  t.match(await imap.say('b SELECT inbox'), /\* 1 EXISTS\r\n[\s\S]*\* OK \[UIDNEXT 2\][\s\S]*b OK \[READ-WRITE\]/)
  t.match(await imap.say('c UID SEARCH SUBJECT one'), /^\* SEARCH 1\r\nc OK /)
  const read = await imap.say('d FETCH 1 (INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY[TEXT]<0.5>)')
  t.match(read, 'FLAGS (\\Flagged \\Seen \\Recent)')
  t.match(read, 'INTERNALDATE "08-Feb-1994 05:52:25 +0000"')
  t.match(read, `RFC822.SIZE ${message.length}`)
  t.match(read, 'BODY[HEADER.FIELDS (SUBJECT)] {16}\r\nSubject: one\r\n\r\n BODY[TEXT]<0> {5}\r\nfirst)\r\n')
  t.match(await imap.say('e CREATE Work/2026'), /^e OK /)
  t.match(await imap.say('f COPY 1 Work/2026'), /f OK \[COPYUID \d+ 1 1\]/)
  t.match(await imap.say('g STORE 1 +FLAGS (\\Deleted $Junk)'), '* 1 FETCH (FLAGS (\\Flagged \\Deleted \\Seen $Junk \\Recent))')
  t.match(await imap.say('h EXPUNGE'), /^\* 1 EXPUNGE\r\n[\s\S]*h OK /)
  t.match(await imap.say('i LIST "" *'), '* LIST (\\HasNoChildren) "/" INBOX\r\n* LIST (\\Noselect \\HasChildren) "/" Work\r\n')
  t.match(await imap.say('j STATUS Work/2026 (MESSAGES UNSEEN)'), '* STATUS Work/2026 (MESSAGES 1 UNSEEN 0)')
})

t.test('a message beyond the limit is refused before it comes', async (t) => {
  const imap = await ImapSession.start(t, home, 'kyoma')
  t.match(await imap.say(`a APPEND INBOX {${imapMessageBytes + 1}}`), /^a NO \[TOOBIG\] /)
  t.match(await imap.say(`b APPEND INBOX {${imapMessageBytes}}`, (heard) => heard.endsWith('\r\n')), /^\+ /)
})

t.test('IDLE tells what comes, until DONE', async (t) => {
  const imap = await ImapSession.start(t, home, 'kyoma')
  t.match(await imap.say('a SELECT INBOX'), /a OK /)
  t.match(await imap.say('b IDLE', (heard) => heard.startsWith('+ ')), /^\+ /)
  home.userFile('kyoma', 'Maildir/new/1.a', 'Subject: two\n\nsecond\n')
  t.match(await imap.hear((heard) => heard.includes('EXISTS')), /^\* 1 EXISTS\r\n/)
  t.match(await imap.say('DONE', (heard) => heard.includes('b OK')), /b OK /)
})

t.test('the id that CREATE tells is that of STATUS', async (t) => {
  const imap = await ImapSession.start(t, home, 'kyoma')
  const [, id] = /^a OK \[MAILBOXID (\([0-9a-f]{32}\))\]/.exec(await imap.say('a CREATE Fresh')) ?? []
  t.match(await imap.say('b STATUS Fresh (MAILBOXID)'), `(MAILBOXID ${id})`)
})
