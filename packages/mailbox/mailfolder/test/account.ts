/** Mailboxes are made, renamed and removed as Maildir++ has them. */
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { folderNameBytes, openFolders } from '@yabumi/limits'
import t from 'tap'
import { maildir } from './fixtures/maildirs.ts'

t.test('names are those of Maildir++, and INBOX is INBOX in any case', async (t) => {
  const { account, ls } = maildir()
  for (const name of ['a', 'A', 'inbox/x', 'b/c/d', 'trailing/']) account.create(name)
  t.same(account.list(), ['INBOX', 'A', 'INBOX/x', 'a', 'b/c/d', 'trailing'])
  t.same(ls('.b.c.d'), ['cur', 'maildirfolder', 'new', 'tmp'])
  for (const name of ['a', 'INBOX', 'inbox', 'INBOX/x']) t.throws(() => account.create(name), { code: 'ALREADYEXISTS' }, name)
  for (const name of ['', '/x', '~x', 'a//b', 'a.b', '..', 'a\nb', 'x'.repeat(folderNameBytes + 1)]) {
    t.throws(() => account.create(name), { code: 'CANNOT' }, name)
  }
  account.create('x'.repeat(folderNameBytes))
})

t.test('a removed mailbox is gone, those below it stay, and a new one has another UIDVALIDITY', async (t) => {
  const { account, path } = maildir()
  account.create('p')
  account.create('p/q')
  const before = await account.status('p')
  account.remove('p')
  t.same(account.list(), ['INBOX', 'p/q'])
  t.notOk(existsSync(join(path, '..DOVECOT-TRASHED')))
  for (const name of ['p', 'nosuch']) t.throws(() => account.remove(name), { code: 'NONEXISTENT' })
  t.throws(() => account.remove('INBOX'), { code: 'CANNOT' })
  account.create('p')
  t.ok((await account.status('p')).uidValidity > before.uidValidity)
})

t.test('a mailbox that is removed while it is open has no messages any more', async (t) => {
  const { account, put } = maildir()
  account.create('p')
  put('.p/cur/1.a.h:2,', 'x')
  const mailbox = account.open('p')
  await mailbox.sync()
  t.equal(mailbox.count, 1)
  account.remove('p')
  await mailbox.sync()
  t.equal(mailbox.count, 0)
  account.close(mailbox)
})

t.test('a rename takes those below along, and what is open stays open', async (t) => {
  const { account, put } = maildir()
  account.create('a')
  account.create('b/c/d')
  put('.b.c.d/cur/1.a.h:2,', 'x')
  const mailbox = account.open('b/c/d')
  await mailbox.sync()
  await account.rename('b', 'renamed')
  t.same(account.list(), ['INBOX', 'a', 'renamed/c/d'])
  t.equal(mailbox.name, 'renamed/c/d')
  t.equal(String(await mailbox.read(1)), 'x')
  for (const [from, to, code] of [
    ['b', 'q', 'NONEXISTENT'],
    ['a', 'renamed/c/d', 'ALREADYEXISTS'],
    ['a', 'INBOX', 'ALREADYEXISTS'],
    ['a', 'a', 'ALREADYEXISTS'],
    ['a', 'a/sub', 'CANNOT'],
  ] as const) {
    await t.rejects(account.rename(from, to), { code }, `${from} ${to}`)
  }
})

t.test('INBOX is renamed by moving its messages', async (t) => {
  const { account, inbox } = maildir({ 'cur/1.a.h:2,': 'x', 'new/2.a.h': 'x' })
  await account.rename('INBOX', 'old')
  t.equal((await inbox()).count, 0)
  t.equal((await account.status('old')).messages, 2)
})

t.test('a rename that a crash has interrupted is finished', async (t) => {
  const made = maildir()
  for (const name of ['to', 'from/x']) made.account.create(name)
  made.put('yabumi-imap/rename', 'from\tto\nfrom/x\tto/x\nend')
  made.reopen()
  t.same(made.account.list(), ['INBOX', 'to', 'to/x'])
  t.notOk(existsSync(join(made.path, 'yabumi-imap/rename')))
})

t.test('links are no mailboxes', async (t) => {
  const { account, path } = maildir()
  mkdirSync(join(path, 'elsewhere'))
  symlinkSync(join(path, 'elsewhere'), join(path, '.link'))
  t.same(account.list(), ['INBOX'])
  t.throws(() => account.open('link'), { code: 'NONEXISTENT' })
})

t.test('subscriptions are kept in the version that is there', async (t) => {
  const old = maildir({ subscriptions: 'a\nINBOX\ngone\n' })
  t.same(old.account.subscriptions(), ['a', 'INBOX', 'gone'])
  t.notOk(await old.account.subscribe('a', true))
  t.ok(await old.account.subscribe('gone', false))
  t.equal(old.cat('subscriptions'), 'a\nINBOX\n')
  const fresh = maildir()
  await fresh.account.subscribe('a/b', true)
  await fresh.account.subscribe('inbox', true)
  t.equal(fresh.cat('subscriptions'), 'V\t2\n\na\tb\nINBOX\n')
  t.same(fresh.account.subscriptions(), ['a/b', 'INBOX'])
})

t.test('many mailboxes can be looked at, and few stay open', async (t) => {
  const { account } = maildir()
  const descriptors = (): number => readdirSync('/proc/self/fd').length
  const before = descriptors()
  for (let at = 0; at < openFolders * 3; at += 1) {
    account.create(`m${at}`)
    await account.status(`m${at}`)
  }
  t.ok(descriptors() - before <= openFolders * 4 + 5)
})
