// What is kept of messages counts only for the file of which it was made.
import { cpSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Mailbox } from '../src/index.ts'
import { maildir, type TestMaildir } from './fixtures/maildirs.ts'

const past = 1_700_000_000
const digest = { envelope: '(one)', structure: '(text)', fields: 'Subject: one\r\n' }

/** A mailbox of one message, of which something is kept. */
async function kept(text = 'Subject: one\n\none\n'): Promise<{ made: TestMaildir; inbox: Mailbox }> {
  const made = maildir()
  made.put('cur/1.a:2,', text, past)
  const inbox = await made.inbox()
  await keep(inbox)
  return { made, inbox }
}

/** What is told of the message. */
function told(inbox: Mailbox): unknown {
  const kept = inbox.digest(1)
  return { envelope: kept?.envelope, structure: kept?.structure, fields: kept?.fields }
}

async function keep(inbox: Mailbox): Promise<void> {
  const file = await inbox.readFile(1)
  if (file !== undefined) inbox.keep(1, file.stamp, digest)
  inbox.flush()
}

t.test('it is there, for the next one too, and whatever the flags are', async (t) => {
  const { made, inbox } = await kept()
  t.same(told(inbox), digest)
  await inbox.store([1], { how: 'add', flags: 8, keywords: [] })
  inbox.heed()
  t.same(told(inbox), digest)
  made.reopen()
  t.same(told(await made.inbox()), digest)
})

t.test('a file that another program has written anew has none, even with the same size', async (t) => {
  const rewrite = async (t: Test, isOpen: boolean): Promise<void> => {
    const { made, inbox } = await kept()
    if (isOpen) t.same(told(inbox), digest)
    else made.reopen()
    writeFileSync(join(made.path, 'cur/1.a:2,'), 'Subject: two\n\ntwo\n')
    const after = isOpen ? inbox : await made.inbox()
    after.heed()
    t.equal(after.digest(1), undefined)
  }
  await t.test('while it is open', (t) => rewrite(t, true))
  await t.test('while it is not', (t) => rewrite(t, false))
})

t.test('the cache of another mailbox says nothing here', async (t) => {
  const { made } = await kept()
  made.reopen()
  const other = maildir()
  other.put('cur/1.a:2,', 'Subject: six\n\nsix\n', past)
  await other.inbox()
  other.account.end()
  cpSync(join(made.path, 'yabumi-imap/cache'), join(other.path, 'yabumi-imap/cache'))
  other.reopen()
  const inbox = await other.inbox()
  t.equal(inbox.digest(1), undefined)
  await keep(inbox)
  t.same(told(inbox), digest)
})

t.test('a file that was written just now is not kept: another could have its time', async (t) => {
  const made = maildir({ 'cur/1.a:2,': 'Subject: one\n\none\n' })
  const inbox = await made.inbox()
  await keep(inbox)
  t.equal(inbox.digest(1), undefined)
  utimesSync(join(made.path, 'cur/1.a:2,'), past, past)
  await keep(inbox)
  t.same(told(inbox), digest)
  t.match(readFileSync(join(made.path, 'yabumi-imap/cache'), 'latin1'), '(one)(text)Subject: one\r\n')
  t.equal(statSync(join(made.path, 'yabumi-imap')).mode & 0o777, 0o700)
})
