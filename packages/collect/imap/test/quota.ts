// What a Maildir may hold: by its own maildirsize, or by control/mailquota.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { answered, ImapSession } from './fixtures/imap.ts'

const home = await ScratchHome.make(t, 'kyoma', 'daru')

t.test('the first line of maildirsize limits bytes and messages, of APPEND and COPY', async (t) => {
  home.userFile('kyoma', 'Maildir/maildirsize', '100S,3C\n')
  const imap = await ImapSession.start(t, home, 'kyoma')
  t.match(await imap.say('a GETQUOTAROOT INBOX'), '* QUOTA "User quota" (STORAGE 0 1 MESSAGE 0 3)\r\n')
  t.match(await imap.say('b APPEND INBOX {101}', answered('b')), 'b NO [OVERQUOTA] ')
  t.match(await imap.say(`c APPEND INBOX {100+}\r\n${'x'.repeat(100)}`, answered('c')), 'c OK ')
  t.match(await imap.say('d SELECT INBOX'), '* 1 EXISTS')
  t.match(await imap.say('e COPY 1 INBOX'), 'e NO [OVERQUOTA] ')
  t.match(await imap.say('f STORE 1 +FLAGS.SILENT (\\Deleted)'), 'f OK ')
  await imap.say('g EXPUNGE')
  for (const tag of ['h', 'i', 'j']) t.match(await imap.say(`${tag} APPEND INBOX {1+}\r\nx`, answered(tag)), `${tag} OK `)
  t.match(await imap.say('k APPEND INBOX {1+}\r\nx', answered('k')), 'k NO [OVERQUOTA] ')
  t.match(await imap.say('l GETQUOTA "User quota"'), '(STORAGE 1 1 MESSAGE 3 3)')
})

t.test('control/mailquota counts for everybody, and maildirsize says so', async (t) => {
  home.control('mailquota', '1')
  const imap = await ImapSession.start(t, home, 'daru')
  t.match(await imap.say('a GETQUOTAROOT INBOX'), '* QUOTA "User quota" (STORAGE 0 1024)\r\n')
  t.match(await imap.say('b APPEND INBOX {1048577}', answered('b')), 'b NO [OVERQUOTA] ')
  t.match(await imap.say('c APPEND INBOX {1048576}', (heard) => heard.includes('\r\n')), '+ ')
  t.equal(readFileSync(home.userHome('daru/Maildir/maildirsize'), 'latin1'), '1048576S\n0 0\n')
  home.control('mailquota', undefined)
})
