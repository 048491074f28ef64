// What a client hears that said NOTIFY (RFC 5465).
import { mkdirSync } from 'node:fs'
import { imapNotifyMailboxes } from '@yabumi/limits'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { answered, ImapSession } from './fixtures/imap.ts'

const home = await ScratchHome.make(t, 'kyoma', 'many')
const start = (): Promise<ImapSession> => ImapSession.start(t, home, 'kyoma')
const message = 'Subject: x\r\n\r\n'
const append = (imap: ImapSession, mailbox: string): Promise<string> =>
  imap.say(`app APPEND ${mailbox} {${message.length}+}\r\n${message}`, answered('app'))
const has = (text: string) => (heard: string) => heard.includes(text)

t.test('other mailboxes: by the first group that names them, with no command in progress', async (t) => {
  const [imap, other] = [await start(), await start()]
  for (const name of ['box', 'box/sub', 'quiet']) await imap.say(`a CREATE ${name}`)
  t.match(
    await imap.say('b NOTIFY SET STATUS (MAILBOXES quiet NONE) (SUBTREE box (MessageNew MessageExpunge FlagChange))'),
    /^\* STATUS box \(MESSAGES 0 [^\n]*\r\n\* STATUS box\/sub [^\n]*\r\nb OK /,
  )
  await append(other, 'quiet')
  await append(other, 'box')
  t.match(await imap.hear(has('\r\n')), /^\* STATUS box \(MESSAGES 1 UIDNEXT 2 UIDVALIDITY \d+ UNSEEN 1\)\r\n$/)
  await other.say('c SELECT box')
  await other.say('d STORE 1 +FLAGS.SILENT (\\Seen)')
  t.match(await imap.hear(has('\r\n')), 'UNSEEN 0)')
  t.match(await imap.say('e NOTIFY NONE'), /^e OK /)
  await append(other, 'box')
  t.match(await imap.say('f NOOP'), /^f OK /)
})

t.test('names and subscriptions', async (t) => {
  const [imap, other] = [await start(), await start()]
  await imap.say('a NOTIFY SET (PERSONAL (MailboxName SubscriptionChange))')
  await other.say('a CREATE fresh')
  t.match(await imap.say('b NOOP'), /^\* LIST \(\) "\/" fresh\r\nb OK /)
  await other.say('c RENAME fresh later')
  t.match(await imap.say('d NOOP'), /^\* LIST \(\) "\/" later \("OLDNAME" \(fresh\)\)\r\nd OK /)
  await other.say('e SUBSCRIBE later')
  t.match(await imap.say('f NOOP'), /^\* LIST \(\\Subscribed\) "\/" later\r\nf OK /)
  await other.say('g DELETE later')
  t.match(await imap.say('h NOOP'), /^\* LIST \(\\NonExistent\) "\/" later\r\nh OK /)
})

t.test('the selected mailbox: only what was asked for, and with each message what was asked of it', async (t) => {
  const [imap, other] = [await start(), await start()]
  await other.say('a CREATE seen')
  await append(other, 'seen')
  await other.say('b SELECT seen')
  await imap.say('a SELECT seen')
  await imap.say('b NOTIFY SET (SELECTED (MessageNew (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge))')
  await append(other, 'seen')
  t.match(
    await imap.hear(has('Subject: x')),
    /^\* 2 EXISTS\r\n[\s\S]*\* 2 FETCH \(UID 2 BODY\[HEADER.FIELDS \(SUBJECT\)\] \{14\}\r\nSubject: x/,
  )
  await other.say('c STORE 1 +FLAGS.SILENT (\\Deleted)')
  t.notMatch(await imap.say('c NOOP'), 'FETCH')
  await other.say('d EXPUNGE')
  t.match(await imap.hear(has('EXPUNGE')), /^\* 1 EXPUNGE\r\n/)
  await imap.say('d NOTIFY SET (SELECTED NONE)')
  await append(other, 'seen')
  t.match(await imap.say('e NOOP'), /^e OK /)
  t.match(await imap.say('f NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge FlagChange))'), /^\* 2 EXISTS\r\n/)
  await other.say('e STORE 1 +FLAGS.SILENT (\\Deleted)')
  t.match(await imap.hear(has('FETCH')), '* 1 FETCH (FLAGS (\\Deleted')
  await other.say('f EXPUNGE')
  await append(other, 'seen')
  t.match(await imap.hear(has('EXISTS')), /^\* 3 EXISTS\r\n/)
  t.match(await imap.say('g NOOP'), '* 1 EXPUNGE\r\n')
  t.match(await imap.say('h NOTIFY SET (SELECTED (MessageNew MessageExpunge)) (SELECTED-DELAYED NONE)'), 'h BAD ')
  t.match(await imap.say('i NOTIFY SET (PERSONAL (AnnotationChange))'), 'i NO [BADEVENT (')
})

t.test('in IDLE other mailboxes are told of, too', async (t) => {
  const [imap, other] = [await start(), await start()]
  await imap.say('a CREATE idle')
  await imap.say('b NOTIFY SET (MAILBOXES idle (MessageNew MessageExpunge))')
  t.match(await imap.say('c IDLE', has('+ ')), '+ ')
  await append(other, 'idle')
  t.match(await imap.hear(has('STATUS')), /^\* STATUS idle \(MESSAGES 1 /)
  t.match(await imap.say('DONE', has('c OK')), /^c OK /)
})

t.test('so many mailboxes can be watched', async (t) => {
  for (let at = 1; at < imapNotifyMailboxes; at += 1) {
    for (const part of ['new', 'cur']) mkdirSync(home.userHome(`many/Maildir/.m${at}/${part}`), { recursive: true })
  }
  const imap = await ImapSession.start(t, home, 'many')
  t.match(await imap.say('a NOTIFY SET (PERSONAL (MessageNew MessageExpunge))'), 'a OK ')
  await imap.say('b CREATE more')
  t.match(await imap.say('c NOTIFY SET (PERSONAL (MessageNew MessageExpunge))'), 'c NO [NOTIFICATIONOVERFLOW] ')
})
