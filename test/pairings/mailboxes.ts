/** Mailboxes between our programs and others': maildrop's maildirmake makes what ours makes, procmail's formail reads what maildir2mbox writes. */
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runPeer, workplace } from '../peers/support/peer.ts'
import { ScratchHome } from '../support/home.ts'
import { missing } from '../support/programs.ts'

/** The directories of a Maildir with their modes, and whether they are empty. */
function shape(maildir: string): [name: string, mode: number, files: number][] {
  return ['.', ...readdirSync(maildir).sort()].map((name) => {
    const path = join(maildir, name)
    return [name, statSync(path).mode & 0o7777, name === '.' ? 0 : readdirSync(path).length]
  })
}

t.test(
  "our maildirmake makes what maildrop's does, and safecat delivers into it",
  { skip: missing('maildirmake.maildrop', 'safecat') },
  async (t) => {
    const home = await ScratchHome.make(t)
    const place = workplace(home, 'mailboxes')
    await home.run('maildirmake', [join(place, 'ours')])
    await runPeer(place, 'maildirmake.maildrop', ['theirs'])
    t.same(shape(join(place, 'ours')), shape(join(place, 'theirs')))
    for (const name of ['ours', 'theirs']) await runPeer(place, 'safecat', [`${name}/tmp`, `${name}/new`], { input: 'Subject: x\n\n' })
    t.same(shape(join(place, 'ours')), shape(join(place, 'theirs')))
    t.match(await runPeer(place, 'sh', ['-c', 'cat ours/new/*']), 'Subject: x\n')
  },
)

const letters = [
  'Return-Path: <a@x.example>\nSubject: plain\n\nhello\n',
  'Return-Path: <>\nSubject: a bounce\n\n',
  'Subject: no sender\n\nFrom here\n>From there\n\nFrom joe Mon Jan  1 00:00:00 2024\nSubject: not a message\n\nFrom\n',
  'Return-Path: <b c@x.example>\nSubject: bytes\n\ncaf\xe9\x01\n\n\n\n.\n',
  'Return-Path: <d@x.example>\nSubject: no last line end\n\nend',
]

t.test('formail finds every message in an mbox of maildir2mbox, and nothing else', { skip: missing('formail') }, async (t) => {
  const home = await ScratchHome.make(t)
  const place = workplace(home, 'mbox')
  for (const name of ['', 'tmp', 'new', 'cur']) mkdirSync(join(place, 'Maildir', name), { mode: 0o700 })
  for (const [index, text] of letters.entries()) {
    const path = join(place, 'Maildir/new', `${1_000_000_000 + index}.1.x`)
    writeFileSync(path, text, 'latin1')
    utimesSync(path, 1_000_000_000 + index, 1_000_000_000 + index) // what came in this very second is left for the next time
  }
  const env = { MAILDIR: join(place, 'Maildir'), MAIL: join(place, 'mbox'), MAILTMP: join(place, 'mbox.tmp') }
  await home.run('maildir2mbox', [], { env })
  mkdirSync(join(place, 'out'))
  await runPeer(place, 'formail', ['-s', 'sh', '-c', 'cat >out/$FILENO'], {
    input: readFileSync(env.MAIL, 'latin1'),
    env: { FILENO: '100' },
  })
  const found = readdirSync(join(place, 'out')).sort()
  t.equal(found.length, letters.length)
  for (const [index, name] of found.entries()) {
    const text = readFileSync(join(place, 'out', name), 'latin1')
    t.match(text, /^From \S+ \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\n/)
    const letter = text.slice(text.indexOf('\n') + 1).replace(/^>(>*From )/gm, '$1')
    t.equal(letter, `${letters[index]?.replace(/([^\n])$/, '$1\n')}\n`, `message ${index + 1}`)
  }
})
