// What a user notes of mailboxes and of the server (RFC 5464, RFC 9590).
import { annotationBytes, annotationEntries } from '@yabumi/limits'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { answered, ImapSession } from './fixtures/imap.ts'

const home = await ScratchHome.make(t, 'kyoma')

t.test('entries are kept by mailbox, whoever asks, and go with it under its new name', async (t) => {
  const imap = await ImapSession.start(t, home, 'kyoma')
  await imap.say('a CREATE box')
  t.match(await imap.say('b SETMETADATA box (/Private/Comment "hello" /shared/x/y {3}', (heard) => heard.includes('+ ')), '+ ')
  t.match(await imap.say('a\n\x80 /shared/x ~{2+}\r\n\0b)', answered('b')), 'b OK ')
  const other = await ImapSession.start(t, home, 'kyoma')
  t.match(await other.say('a RENAME box new'), 'a OK ')
  t.match(
    await other.say('b GETMETADATA new (/private/comment /private/none)'),
    '* METADATA new (/private/comment "hello" /private/none NIL)\r\n',
  )
  t.match(await other.say('c GETMETADATA (DEPTH 1) new /shared', answered('c')), '* METADATA new (/shared/x ~{2}\r\n\0b)\r\nc OK ')
  t.match(
    await other.say('d GETMETADATA new (DEPTH infinity MAXSIZE 2) /shared', answered('d')),
    /\(\/shared\/x ~.*\0b\)\r\nd OK \[METADATA LONGENTRIES 3\]/s,
  )
  t.match(
    await other.say('e LIST "" * RETURN (METADATA (/private/comment))'),
    '* LIST () "/" new\r\n* METADATA new (/private/comment "hello")\r\n',
  )
  t.match(await other.say('f SETMETADATA new (/private/comment NIL)'), 'f OK ')
  t.match(await other.say('g GETMETADATA new /private/comment'), '(/private/comment NIL)')
  t.match(await other.say('h GETMETADATA nosuch /private/comment'), 'h NO [NONEXISTENT]')
})

t.test('a value, and a mailbox, have no more than their limits', async (t) => {
  const imap = await ImapSession.start(t, home, 'kyoma')
  const set = (tag: string, entry: string, bytes: number): Promise<string> =>
    imap.say(`${tag} SETMETADATA "" (/private/${entry} {${bytes}+}\r\n${'v'.repeat(bytes)})`, answered(tag))
  t.match(await set('a', 'long', annotationBytes + 1), `a NO [METADATA MAXSIZE ${annotationBytes}]`)
  t.match(await set('b', 'long', annotationBytes), 'b OK ')
  t.match(await imap.say('c GETMETADATA "" /private/long', answered('c')), `* METADATA "" (/private/long {${annotationBytes}}\r\nvvv`)
  const all = Array.from({ length: annotationEntries - 1 }, (_, at) => `/private/e${at} "x"`)
  t.match(await imap.say(`d SETMETADATA "" (${all.join(' ')} /private/more "x")`), 'd NO [METADATA TOOMANY]')
  t.match(await imap.say('e GETMETADATA "" /private/e0'), '(/private/e0 NIL)')
  t.match(await imap.say(`f SETMETADATA "" (${all.join(' ')})`), 'f OK ')
  t.match(await imap.say('g SETMETADATA "" (/private/more "x")'), 'g NO [METADATA TOOMANY]')
  t.match(await imap.say('h SETMETADATA "" (/private/long NIL /private/more "x")'), 'h OK ')
})

t.test('what a mailbox is for: by its name, or as CREATE was told', async (t) => {
  const imap = await ImapSession.start(t, home, 'kyoma')
  t.match(await imap.say('a CREATE Mine (USE (\\Sent \\Drafts))'), 'a OK ')
  t.match(await imap.say('b CREATE Junk'), 'b OK ')
  t.match(await imap.say('c CREATE Sent (USE (\\Flagged))'), 'c NO [USEATTR] ')
  t.match(await imap.say('d LIST "" (Mine Junk) RETURN (SPECIAL-USE)'), '* LIST (\\Junk) "/" Junk\r\n* LIST (\\Sent \\Drafts) "/" Mine\r\n')
  t.match(await imap.say('e LIST "" Mine'), '* LIST (\\HasNoChildren \\Sent \\Drafts) "/" Mine\r\n')
  t.match(await imap.say('f GETMETADATA Mine /private/specialuse'), '(/private/specialuse "\\\\Sent \\\\Drafts")')
  t.match(await imap.say('g SETMETADATA Junk (/private/specialuse "")'), 'g OK ')
  t.match(await imap.say('h LIST (SPECIAL-USE) "" *'), /^\* LIST \([^)]*\) "\/" Mine\r\nh OK /)
})
