/** A mailbox keeps up with the disk: UIDs, flags, what comes, goes and is renamed by other programs. */
import { renameSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { MailAccount, View } from '../src/index.ts'
import { flagsOf, maildir } from './fixtures/maildirs.ts'

const three = {
  'cur/1580000001.M1P1.h:2,S': 'Subject: one\n\none\n',
  'cur/1580000002.M2P1.h:2,': 'Subject: two\n\ntwo\n',
  'new/1580000003.M3P1.h': 'Subject: three\n\nthree\n',
}

t.test('a dovecot-uidlist is taken as it is, and what is new is appended', async (t) => {
  const list = '3 V1234567890 N50 G0123456789abcdef0123456789abcdef\n10 :1580000002.M2P1.h\n42 W77 :1580000001.M1P1.h\n43 :gone.h\n'
  const { inbox, cat, ls } = maildir({ ...three, 'dovecot-uidlist': list })
  const mailbox = await inbox()
  t.same(flagsOf(mailbox), ['10', '42 \\Seen', '50'])
  t.equal(mailbox.uidValidity, 1234567890)
  t.equal(mailbox.uidNext, 51)
  t.equal(cat('dovecot-uidlist'), `${list}50 :1580000003.M3P1.h\n`)
  t.same(ls('new'), ['1580000003.M3P1.h'], 'nobody has it open for writing')
  const view = new View(mailbox, true)
  t.equal(view.recentCount, 1)
  await mailbox.sync()
  t.same(ls('new'), [])
  t.same(ls('cur').at(-1), '1580000003.M3P1.h:2,')
  t.same(view.news(true), { changed: [], expunged: [], exists: undefined, recent: undefined })
})

t.test('a list of version 1, and one without GUID, are written anew', async (t) => {
  const old = maildir({ ...three, 'dovecot-uidlist': '1 1234567890 50\n10 1580000002.M2P1.h\n42 1580000001.M1P1.h:2,S\n' })
  await old.inbox()
  t.match(
    old.cat('dovecot-uidlist'),
    /^3 V1234567890 N50 G[0-9a-f]{32}\n10 :1580000002\.M2P1\.h\n42 :1580000001\.M1P1\.h\n50 :1580000003\.M3P1\.h\n$/,
  )
  const nameless = maildir({ ...three, 'dovecot-uidlist': '3 V1234567890 N50\n10 :1580000002.M2P1.h\n' })
  await nameless.inbox()
  t.match(
    nameless.cat('dovecot-uidlist'),
    /^3 V1234567890 N50 G[0-9a-f]{32}\n10 :1580000002\.M2P1\.h\n50 :1580000001\.M1P1\.h\n51 :1580000003\.M3P1\.h\n$/,
  )
})

t.test('fields that nobody knows stay where they are', async (t) => {
  const list = '3 V1234567890 N50 G0123456789abcdef0123456789abcdef Qzzz\n10 S999 W999 Ppop-uidl O7 Gabc Zunknown :1580000002.M2P1.h\n'
  const { inbox, cat } = maildir({ ...three, 'dovecot-uidlist': list })
  const mailbox = await inbox()
  t.equal(await mailbox.wireSize(10), 999)
  t.equal(cat('dovecot-uidlist'), `${list}50 :1580000001.M1P1.h\n51 :1580000003.M3P1.h\n`)
})

t.test('a line that cannot be read costs UIDs, and no UID comes twice', async (t) => {
  const list = '3 V1234567890 N50 G0123456789abcdef0123456789abcdef\n10 :1580000001.M1P1.h\nrubbish\n60 :1580000002.M2P1.h\n'
  const { inbox } = maildir({ ...three, 'dovecot-uidlist': list })
  t.same(flagsOf(await inbox()), ['10 \\Seen', '61', '62'])
})

t.test('odd names are messages, directories and dot files are none', async (t) => {
  const { inbox, put, ls } = maildir({ 'cur/.hidden:2,': 'x', 'cur/x:2,S': 'x', 'cur/1580000001.a.h:2,S:2,F': 'x', 'cur/sp ace:2,': 'x' })
  put('cur/sub/file', 'x')
  put('cur/1580000002.a.h!2,S', 'x')
  put('new/1580000003.a.h,extra', 'x')
  const mailbox = await inbox()
  const view = new View(mailbox, true)
  await mailbox.sync()
  t.same(flagsOf(mailbox), ['1', '2 \\Seen', '3 \\Flagged', '4', '5'])
  t.ok(ls('cur').includes('1580000003.a.h,extra:2,'))
  t.equal(view.count, 5)
})

t.test('of two files with one base the other gets a name of its own at the second look', async (t) => {
  const { inbox } = maildir({
    'cur/1580000001.a.h:2,S': 'x',
    'new/1580000001.a.h': 'x',
    'cur/1580000002.b.h:2,': 'x',
    'cur/1580000002.b.h:2,S': 'x',
  })
  const mailbox = await inbox()
  const view = new View(mailbox, true)
  await mailbox.sync()
  t.equal(mailbox.count, 2, 'as a SELECT looks twice')
  await mailbox.sync()
  t.equal(mailbox.count, 4)
  view.close()
})

t.test('what another program does is seen, and told once', async (t) => {
  const { path, inbox, put } = maildir(three)
  const mailbox = await inbox()
  const view = new View(mailbox, true)
  await mailbox.sync()
  view.news(true)
  renameSync(join(path, 'cur/1580000002.M2P1.h:2,'), join(path, 'cur/1580000002.M2P1.h:2,FR'))
  unlinkSync(join(path, 'cur/1580000001.M1P1.h:2,S'))
  put('new/1580000004.M4P1.h', 'Subject: four\n\n')
  await mailbox.sync()
  t.same(view.news(false), { changed: [2], expunged: [], exists: 4, recent: 4 })
  t.equal(view.uidOf(1), 1, 'its number stays')
  t.same(view.news(true), { changed: [], expunged: [{ sequence: 1, uid: 1 }], exists: undefined, recent: 3 })
  t.same(flagsOf(mailbox), ['2 \\Answered \\Flagged', '3', '4'])
  t.same(view.news(true), { changed: [], expunged: [], exists: undefined, recent: undefined })
})

t.test('a message that is renamed while it is read is found again', async (t) => {
  const { path, inbox } = maildir(three)
  const mailbox = await inbox()
  renameSync(join(path, 'cur/1580000002.M2P1.h:2,'), join(path, 'cur/1580000002.M2P1.h:2,T'))
  t.equal(String(await mailbox.read(2)), 'Subject: two\n\ntwo\n')
  unlinkSync(join(path, 'cur/1580000002.M2P1.h:2,T'))
  t.equal(await mailbox.read(2), undefined)
})

t.test('what stood in the index is known again, and what went meanwhile is told with a modseq of its own', async (t) => {
  const { path, reopen, inbox } = maildir(three)
  const mailbox = await inbox()
  await mailbox.store([2], { how: 'add', flags: 2, keywords: ['work'] })
  const [modseq, highest] = [mailbox.state(2)?.modseq, mailbox.highestModseq]
  unlinkSync(join(path, 'cur/1580000001.M1P1.h:2,S'))
  reopen()
  const again = await inbox()
  t.equal(again.state(2)?.modseq, modseq)
  t.ok(again.highestModseq > highest)
  t.same(
    again.goneAfter(highest)?.map(({ first, last }) => [first, last]),
    [[1, 1]],
  )
})

t.test('an index of another mailbox, or a torn one, is not believed', async (t) => {
  const made = maildir({ ...three, 'dovecot-uidlist': '3 V5 N9 G0123456789abcdef0123456789abcdef\n7 W50 :1580000001.M1P1.h\n' })
  await made.inbox()
  made.account.end()
  const index = made.cat('yabumi-imap/index')
  for (const wrong of [index.slice(0, -1), `${index.slice(0, 30)}x${index.slice(31)}`, '', 'x'.repeat(500)]) {
    made.put('yabumi-imap/index', wrong)
    made.account = new MailAccount(made.path)
    t.same(flagsOf(await made.inbox()), ['7 \\Seen', '9', '10'])
    made.account.end()
  }
  made.put('yabumi-imap/index', index)
  made.put('dovecot-uidlist', '3 V5 N9 G0123456789abcdef0123456789abcdef\n7 W60 :1580000002.M2P1.h\n8 :1580000001.M1P1.h\n')
  made.account = new MailAccount(made.path)
  const mailbox = await made.inbox()
  t.equal(await mailbox.wireSize(7), 60, 'the UID is another message now')
})

t.test('a message that another program has removed, and taken out of dovecot-uidlist, is gone', async (t) => {
  const { path, inbox, put } = maildir(three)
  const mailbox = await inbox()
  unlinkSync(join(path, 'cur/1580000001.M1P1.h:2,S'))
  put('list', `3 V${mailbox.uidValidity} N4 G${mailbox.mailboxId}\n2 :1580000002.M2P1.h\n3 :1580000003.M3P1.h\n`)
  renameSync(join(path, 'list'), join(path, 'dovecot-uidlist'))
  await mailbox.sync()
  t.same(flagsOf(mailbox), ['2', '3'])
})

t.test('a mailbox with another UIDVALIDITY is opened anew, and goes on to see what happens', async (t) => {
  const { account, inbox, put } = maildir(three)
  const old = await inbox()
  put(
    'dovecot-uidlist',
    '3 V9 N90 G0123456789abcdef0123456789abcdef\n70 :1580000001.M1P1.h\n71 :1580000002.M2P1.h\n72 :1580000003.M3P1.h\n',
  )
  await old.sync()
  t.ok(old.replaced)
  const mailbox = await inbox()
  account.close(old)
  t.same(flagsOf(mailbox), ['70 \\Seen', '71', '72'])
  put('new/1580000009.M1P1.h', 'x')
  await mailbox.sync()
  t.equal(mailbox.count, 4)
})

t.test('a mailbox that was replaced while nobody had it open is opened anew', async (t) => {
  const { account, inbox, put } = maildir(three)
  account.close(await inbox())
  put(
    'dovecot-uidlist',
    '3 V9 N90 G0123456789abcdef0123456789abcdef\n70 :1580000001.M1P1.h\n71 :1580000002.M2P1.h\n72 :1580000003.M3P1.h\n',
  )
  t.same(flagsOf(await inbox()), ['70 \\Seen', '71', '72'])
})

t.test('a message that another program gives another UID, or takes out of the list, has another one here too', async (t) => {
  const list = '3 V1234567890 N50 G0123456789abcdef0123456789abcdef\n10 :1580000002.M2P1.h\n42 :1580000001.M1P1.h\n43 :1580000003.M3P1.h\n'
  const { inbox, put, cat } = maildir({ ...three, 'dovecot-uidlist': list })
  const mailbox = await inbox()
  const view = new View(mailbox, false)
  put('dovecot-uidlist', `${list}50 :1580000002.M2P1.h\n`)
  await mailbox.sync()
  t.same(flagsOf(mailbox), ['42 \\Seen', '43', '50'])
  t.match(view.news(true), { expunged: [{ sequence: 1, uid: 10 }], exists: 3 })
  put(
    'dovecot-uidlist',
    list
      .replace(/^42.*\n/m, '')
      .replace(/^10.*\n/m, '')
      .concat('60 :1580000002.M2P1.h\n'),
  )
  await mailbox.sync()
  t.same(flagsOf(mailbox), ['43', '60', '61 \\Seen'])
  t.match(cat('dovecot-uidlist'), /\n61 :1580000001\.M1P1\.h\n$/)
})
