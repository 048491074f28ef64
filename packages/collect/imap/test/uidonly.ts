// A client that wants no message numbers (RFC 9586).
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { answered, ImapSession } from './fixtures/imap.ts'

const home = await ScratchHome.make(t, 'kyoma')

t.test('UIDs stand where numbers were, and commands with numbers are refused', async (t) => {
  const [imap, other] = [await ImapSession.start(t, home, 'kyoma'), await ImapSession.start(t, home, 'kyoma')]
  for (const tag of ['a', 'b', 'c']) await imap.say(`${tag} APPEND INBOX {1+}\r\n${tag}`, answered(tag))
  await other.say('a SELECT INBOX')
  await other.say('b STORE 1 +FLAGS.SILENT (\\Deleted)')
  await other.say('c EXPUNGE')
  t.match(await imap.say('d ENABLE UIDONLY'), '* ENABLED UIDONLY\r\n')
  t.notMatch(await imap.say('e SELECT INBOX'), '[UNSEEN')
  t.match(await imap.say('f UID FETCH 1:* FLAGS'), /^\* 2 UIDFETCH \(UID 2 FLAGS \([^)]*\)\)\r\n\* 3 UIDFETCH /)
  t.match(await imap.say('g UID STORE 2 +FLAGS (\\Seen)'), '* 2 UIDFETCH (UID 2 FLAGS (\\Seen')
  await other.say('d STORE 1 +FLAGS.SILENT (\\Flagged)')
  t.match(await imap.say('h NOOP'), '* 2 UIDFETCH (FLAGS (\\Flagged \\Seen')
  await other.say('e UID STORE 3 +FLAGS.SILENT (\\Deleted)')
  await other.say('f EXPUNGE')
  t.match(await imap.say('i NOOP'), '* VANISHED 3\r\n')
  const wrong = [
    'FETCH 1 FLAGS',
    'STORE 1 FLAGS (x)',
    'COPY 1 INBOX',
    'MOVE 1 INBOX',
    'SEARCH ALL',
    'SORT (DATE) UTF-8 ALL',
    'UID SEARCH 1',
  ]
  for (const command of [...wrong, 'THREAD REFS UTF-8 ALL', 'UID SEARCH NOT (OR 1 ALL)', 'REPLACE 1 INBOX {3}']) {
    t.match(await imap.say(`j ${command}`, answered('j')), /^j BAD \[UIDREQUIRED\]/, command)
  }
  t.match(await imap.say('k UID SEARCH UID 1:*'), '* SEARCH 2\r\n')
})
