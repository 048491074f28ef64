// Searches whose results are kept up to date (RFC 5267).
import { imapContexts, imapSortedMessages } from '@yabumi/limits'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { answered, ImapSession } from './fixtures/imap.ts'

const home = await ScratchHome.make(t, 'kyoma')

/** A mailbox with a message for each subject. */
async function begin(subjects: readonly string[], mailbox: string): Promise<ImapSession> {
  const imap = await ImapSession.start(t, home, 'kyoma')
  await imap.say(`a CREATE ${mailbox}`)
  for (const subject of subjects) await append(imap, mailbox, subject)
  await imap.say(`b SELECT ${mailbox}`)
  return imap
}

function append(imap: ImapSession, mailbox: string, subject: string): Promise<string> {
  const message = `Subject: ${subject}\r\n\r\n`
  return imap.say(`app APPEND ${mailbox} {${message.length}+}\r\n${message}`, answered('app'))
}

t.test('a search hears what leaves it, what comes back and what arrives', async (t) => {
  const imap = await begin(['a', 'b', 'c'], 'one')
  t.match(await imap.say('s SEARCH RETURN (UPDATE COUNT) UNSEEN'), '* ESEARCH (TAG "s") COUNT 3\r\n')
  t.match(await imap.say('u UID SEARCH RETURN (UPDATE) SUBJECT b'), '* ESEARCH (TAG "u") UID\r\n')
  t.match(await imap.say('c STORE 1,3 +FLAGS.SILENT (\\Seen)'), '* ESEARCH (TAG "s") REMOVEFROM (0 1,3)\r\nc OK')
  t.match(await imap.say('d STORE 3 -FLAGS.SILENT (\\Seen)'), '* ESEARCH (TAG "s") ADDTO (0 3)\r\nd OK')
  await imap.say('e STORE 2 +FLAGS.SILENT (\\Deleted)')
  const gone = await imap.say('f EXPUNGE')
  t.match(gone, /REMOVEFROM \(0 2\)\r\n\* ESEARCH \(TAG "u"\) UID REMOVEFROM \(0 2\)\r\n\* 2 EXPUNGE\r\n/)
  t.match(
    await append(imap, 'one', 'b again'),
    /\* 3 EXISTS\r\n[\s\S]*\(TAG "s"\) ADDTO \(0 3\)\r\n[^\n]*"u"\) UID ADDTO \(0 4\)\r\napp OK/,
  )
  t.match(await imap.say('g CANCELUPDATE "s" nosuch'), 'g NO ')
  t.match(await imap.say('h STORE 3 +FLAGS.SILENT (\\Seen)'), /^h OK/)
  t.match(await imap.say('i CANCELUPDATE u'), 'i OK ')
  t.match(await imap.say('j CANCELUPDATE'), 'j BAD ')
})

t.test('a SORT hears places, from the end where several leave', async (t) => {
  const imap = await begin(['delta', 'bravo', 'charlie'], 'two')
  t.match(await imap.say('s SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 UNSEEN'), '* ESEARCH (TAG "s") ALL 2:3,1\r\n')
  t.match(await append(imap, 'two', 'alpha'), 'ADDTO (1 4)\r\n')
  t.match(await append(imap, 'two', 'echo'), 'ADDTO (5 5)\r\n')
  t.match(await imap.say('c STORE 1,2 +FLAGS.SILENT (\\Seen)'), 'REMOVEFROM (4 1 2 2)\r\n')
  t.match(await imap.say('d STORE 1 -FLAGS.SILENT (\\Seen)'), 'ADDTO (3 1)\r\n')
})

t.test('so many searches are kept up to date, of so many messages that are sorted', async (t) => {
  const imap = await begin([], 'three')
  for (let at = 0; at < imapContexts; at += 1) t.notMatch(await imap.say(`s${at} SEARCH RETURN (UPDATE) ALL`), 'NOUPDATE')
  t.match(await imap.say('s SEARCH RETURN (UPDATE) ALL'), '* NO [NOUPDATE "s"] ')
  t.notMatch(await imap.say('s0 SEARCH RETURN (UPDATE) ALL'), 'NOUPDATE')
  for (let at = 0; at < imapSortedMessages; at += 1) home.userFile('kyoma', `Maildir/new/${at}.a`, '\n')
  await imap.say('b SELECT INBOX')
  t.notMatch(await imap.say('c SORT RETURN (UPDATE COUNT) (ARRIVAL) UTF-8 ALL'), 'NOUPDATE')
  home.userFile('kyoma', 'Maildir/new/last.a', '\n')
  await imap.say('d NOOP')
  t.match(await imap.say('e SORT RETURN (UPDATE COUNT) (ARRIVAL) UTF-8 ALL'), '* NO [NOUPDATE "e"] ')
})
