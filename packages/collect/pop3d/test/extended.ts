// control/popextensions 1: codes that say what a refusal has to do with.
import { chmodSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { mboxLockSeconds } from '@yabumi/limits'
import { tryLock } from '@yabumi/posix'
import t from 'tap'
import { Conversation, ScratchUser } from './fixtures/pop3d.ts'

function extendedUser(): ScratchUser {
  const user = new ScratchUser(t)
  user.own(user.directory('control'))
  user.file('control/popextensions', '1\n')
  return user
}

t.test('a mailbox that is not there, or cannot be listed, has a code', async (t) => {
  const user = extendedUser()
  const first = async (name: string) => (await user.run([name], 'QUIT\r\n')).stdout
  t.equal(await first('Maildir'), '-ERR [SYS/PERM] this user has no $HOME/Maildir\r\n')
  user.file('Mailbox', 'no mbox\n')
  t.equal(await first('Mailbox'), '-ERR [SYS/TEMP] unable to scan $HOME/Maildir\r\n')
})

t.test(`an mbox that others keep locked for ${mboxLockSeconds} seconds is in use`, async (t) => {
  const user = extendedUser()
  user.file('Mailbox', 'From a Tue Jun 22 05:23:14 1999\nSubject: 1\n\n')
  const holder = openSync(join(user.home, 'Mailbox'), 'r')
  t.ok(tryLock(holder))
  t.equal((await user.run(['Mailbox'], 'QUIT\r\n')).stdout, '-ERR [IN-USE] unable to scan $HOME/Maildir\r\n')
})

t.test('QUIT has one reply, too where messages could not be removed', async (t) => {
  const user = extendedUser()
  user.maildir()
  user.file('Maildir/cur/a', 'Subject: 1\n', 1_000)
  chmodSync(join(user.home, 'Maildir/cur'), 0o500)
  const { stdout } = await user.run(['Maildir'], 'DELE 1\r\nQUIT\r\n')
  t.equal(stdout, '+OK \r\n+OK \r\n-ERR [SYS/TEMP] unable to unlink all deleted messages\r\n')
  chmodSync(join(user.home, 'Maildir/cur'), 0o700)
})

t.test('TERM in the middle of a message lets it end, and is told in place of the next reply', async (t) => {
  const user = extendedUser()
  user.maildir()
  user.file('Maildir/cur/a', Buffer.alloc(30_000_000, 'xxxxxxxxxxxxxxxxxxx\n'), 1_000) // more than the system holds for a client
  const { client, child } = await user.onTcp(['Maildir'])
  const ended = new Promise((resolve) => child.on('exit', resolve))
  const conversation = new Conversation(client)
  client.write('DELE 1\r\nRSET\r\nRETR 1\r\nNOOP\r\n')
  t.equal(await conversation.hear(4), '+OK \r\n'.repeat(4))
  client.pause()
  child.kill('SIGTERM')
  client.resume()
  const heard = await conversation.hearAll()
  const last = /^\r\n\r\n\.\r\n(\+OK \r\n)?-ERR \[SYS\/TEMP\] this session ends here; no message was removed\r\n$/
  t.match(heard.slice(heard.indexOf('\r\n\r\n')), last, 'NOOP may have come first')
  t.equal(await ended, 0)
})
