// A session that has logged in, on a socket of its own.
import { imapSessionBadCommands, previewsKept } from '@yabumi/limits'
import { scanParts } from '@yabumi/mimeparts'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { MessageReader } from '../src/messages.ts'
import { answered, ImapSession } from './fixtures/imap.ts'

const home = await ScratchHome.make(t, 'kyoma')

t.test('the login is answered with its tag, and ID and NOOP follow', async (t) => {
  const imap = await ImapSession.start(t, home, 'kyoma')
  t.match(imap.greeting, /^login OK \[CAPABILITY IMAP4rev1 /)
  t.match(await imap.say('a CAPABILITY'), /^\* CAPABILITY IMAP4rev1 .*\r\na OK /)
  t.match(await imap.say('b ID NIL'), /^\* ID \("name" "yabumi"\)\r\nb OK /)
  t.match(await imap.say('c nosuch'), /^c BAD /)
  t.match(await imap.say('d LOGOUT'), /^\* BYE .*\r\nd OK /)
  t.equal(await imap.over, 0)
})

t.test('TERM ends a session that has nothing to do, with a word', async (t) => {
  const imap = await ImapSession.start(t, home, 'kyoma')
  imap.kill('SIGTERM')
  t.match(await imap.hear(() => false), /^\* BYE \[UNAVAILABLE\] /)
  t.equal(await imap.over, 0)
})

t.test('too many commands that are none end it', async (t) => {
  const imap = await ImapSession.start(t, home, 'kyoma')
  t.notMatch(await imap.say(`${'x nosuch\r\n'.repeat(imapSessionBadCommands - 2)}z nosuch`), 'BYE')
  t.match(await imap.say('y nosuch', () => false), /^y BAD .*\r\n\* BYE /)
  t.equal(await imap.over, 0)
})

t.test('previews and enclosed messages: as they were asked for', async (t) => {
  const imap = await ImapSession.start(t, home, 'kyoma')
  const message = 'Content-Type: message/global\r\n\r\nSubject: inner\r\n\r\nhello\r\n'
  const plain = 'Subject: x\r\n\r\nhello there\r\n'
  for (const each of [message, plain]) t.match(await imap.say(`a APPEND INBOX {${each.length}+}\r\n${each}`, answered('a')), 'a OK ')
  await imap.say('b SELECT INBOX')
  t.match(await imap.say('c FETCH 2 (PREVIEW (LAZY) BODY.PEEK[])'), '(PREVIEW NIL BODY')
  t.match(await imap.say('d FETCH 2 PREVIEW'), '(PREVIEW "hello there")')
  t.match(await imap.say('e FETCH 2 (PREVIEW (LAZY))'), '(PREVIEW "hello there")')
  t.match(await imap.say('f FETCH 2 SNIPPET'), '(SNIPPET (FUZZY "hello there"))')
  t.match(await imap.say('g FETCH 1 BODY'), '("message" "global" NIL NIL NIL "7bit" 25)')
  await imap.say('h ENABLE IMAP4rev2')
  t.match(await imap.say('i FETCH 1 BODY'), '"7bit" 25 (NIL "inner" ')
})

t.test('so many previews are kept, the newest', async (t) => {
  const reader = new MessageReader()
  const bytes = Buffer.from('\nhello\n')
  for (let uid = 1; uid <= previewsKept + 1; uid += 1) reader.preview({ uid, bytes, root: scanParts(bytes) })
  t.equal(reader.knownPreview(1), undefined)
  t.equal(reader.knownPreview(2), 'hello')
  t.equal(reader.knownPreview(previewsKept + 1), 'hello')
})
