/** Flags and keywords are letters of file names, and nobody else's letters are lost. */
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { furtherKeywords } from '@yabumi/limits'
import t from 'tap'
import { flagBits, Refusal, View } from '../src/index.ts'
import { flagsOf, maildir } from './fixtures/maildirs.ts'

const { seen, flagged, draft, deleted } = flagBits
const none: readonly string[] = []

t.test('a change is one rename, and a change of nothing none', async (t) => {
  const { inbox, ls } = maildir({ 'cur/1.a.h:2,S': 'x\n' })
  const mailbox = await inbox()
  t.same(await mailbox.store([1], { how: 'add', flags: draft, keywords: none }), { changed: [1], modified: [], gone: [] })
  t.same(ls('cur'), ['1.a.h:2,DS'])
  const modseq = mailbox.highestModseq
  t.same(await mailbox.store([1], { how: 'add', flags: draft | seen, keywords: none }), { changed: [], modified: [], gone: [] })
  t.equal(mailbox.highestModseq, modseq)
  await mailbox.store([1], { how: 'replace', flags: 0, keywords: none })
  t.same(ls('cur'), ['1.a.h:2,'])
})

t.test('letters of others stay, and so does a second set', async (t) => {
  const { inbox, ls } = maildir({ 'cur/1.a.h:2,XYZ': 'x', 'cur/2.a.h:2,FPS,extra': 'x', 'cur/3.a.h:1,x': 'x' })
  const mailbox = await inbox()
  t.same(flagsOf(mailbox), ['1', '2 \\Flagged \\Seen', '3'])
  await mailbox.store([1, 2, 3], { how: 'replace', flags: flagged, keywords: none })
  t.same(ls('cur'), ['1.a.h:2,FXYZ', '2.a.h:2,FP,extra', '3.a.h:2,F'])
})

t.test('keywords get letters, in the spelling that came first', async (t) => {
  const { inbox, ls, cat } = maildir({ 'cur/1.a.h:2,': 'x', 'cur/2.a.h:2,bz': 'x', 'dovecot-keywords': '0 $Forwarded\nrubbish\n99 x\n' })
  const mailbox = await inbox()
  t.same(flagsOf(mailbox), ['1', '2 unknown-1 unknown-25'])
  await mailbox.store([1], { how: 'add', flags: 0, keywords: ['$forwarded', 'Work'] })
  t.same(ls('cur')[0], '1.a.h:2,ac')
  t.equal(cat('dovecot-keywords'), '0 $Forwarded\n1 unknown-1\n2 Work\n25 unknown-25\n')
  t.same(flagsOf(mailbox)[0], '1 $Forwarded Work')
  await mailbox.store([1], { how: 'remove', flags: 0, keywords: ['WORK', 'never-heard-of'] })
  t.same(flagsOf(mailbox)[0], '1 $Forwarded')
})

t.test('keywords beyond the letters are kept, and there is an end of them', async (t) => {
  const { inbox, reopen } = maildir({ 'cur/1.a.h:2,': 'x' })
  const mailbox = await inbox()
  const names = Array.from({ length: 26 + furtherKeywords }, (_, at) => `k${at}`)
  await mailbox.store([1], { how: 'add', flags: 0, keywords: names })
  t.same(flagsOf(mailbox), [`1 ${names.join(' ')}`])
  await t.rejects(mailbox.store([1], { how: 'add', flags: 0, keywords: ['more'] }), Refusal)
  reopen()
  t.same(flagsOf(await inbox()), [`1 ${names.join(' ')}`])
})

t.test('a change meets what another program has done meanwhile', async (t) => {
  const { path, inbox, ls } = maildir({ 'cur/1.a.h:2,': 'x' })
  const mailbox = await inbox()
  renameSync(join(path, 'cur/1.a.h:2,'), join(path, 'cur/1.a.h:2,T'))
  t.same(await mailbox.store([1], { how: 'add', flags: flagged, keywords: none }), { changed: [1], modified: [], gone: [] })
  t.same(ls('cur'), ['1.a.h:2,FT'])
})

t.test('UNCHANGEDSINCE leaves alone what was changed since', async (t) => {
  const { inbox } = maildir({ 'cur/1.a.h:2,': 'x', 'cur/2.a.h:2,': 'x' })
  const mailbox = await inbox()
  const modseq = mailbox.highestModseq
  await mailbox.store([1], { how: 'add', flags: flagged, keywords: none })
  const { changed, modified } = await mailbox.store([1, 2], { how: 'add', flags: deleted, keywords: none }, modseq)
  t.same([changed, modified], [[2], [1]])
  t.equal(mailbox.state(2)?.modseq, mailbox.highestModseq)
})

t.test('expunged messages are gone, and their UIDs are remembered', async (t) => {
  const { inbox, ls } = maildir({ 'cur/1.a.h:2,': 'x', 'cur/2.a.h:2,T': 'x', 'cur/3.a.h:2,T': 'x' })
  const mailbox = await inbox()
  const view = new View(mailbox, false)
  const modseq = mailbox.highestModseq
  t.same(await mailbox.expunge([3, 2, 9]), [2, 3])
  t.same(ls('cur'), ['1.a.h:2,'])
  t.same(mailbox.goneAfter(modseq), [{ first: 2, last: 3, modseq: mailbox.highestModseq }])
  t.same(
    view.news(true).expunged.map(({ sequence }) => sequence),
    [3, 2],
  )
  await mailbox.sync()
  t.equal(mailbox.uidNext, 4)
})
