/** Whose slot a local delivery takes. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCdb } from '@yabumi/cdb'
import t from 'tap'
import { RecipientUsers } from '../src/try/recipientusers.ts'

/** A home whose users/cdb assigns these local parts; those that end in `*` with all that begins so. */
function makeHome(users: Readonly<Record<string, number>>): string {
  const home = mkdtempSync(join(tmpdir(), 'users-'))
  mkdirSync(join(home, 'users'))
  assign(home, users)
  return home
}

function assign(home: string, users: Readonly<Record<string, number>>): void {
  const pairs = Object.entries(users).map(([name, uid]): [Buffer, Buffer] => {
    const key = name.endsWith('*') ? `!${name.slice(0, -1)}` : `!${name}\0`
    return [Buffer.from(key), Buffer.from(`user\0${uid}\0${uid}\0/home\0\0`)]
  })
  const records: [Buffer, Buffer][] = [[Buffer.alloc(0), Buffer.from('-')], ...pairs]
  writeFileSync(join(home, 'users/cdb'), makeCdb(records))
}

t.test('a user is a uid, however many names it has; without one the name up to its first hyphen', (t) => {
  const home = makeHome({ ann: 1000, 'ann-*': 1000, mary: 1000, bob: 1001 })
  const users = new RecipientUsers(home, () => 0)
  for (const recipient of ['ann@x.test', 'Ann-list@y.test', 'mary@x.test']) t.equal(users.nameOf(recipient), 'uid 1000', recipient)
  t.equal(users.nameOf('bob@x.test'), 'uid 1001')
  const [account] = readFileSync('/etc/passwd', 'latin1')
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([, , uid]) => Number(uid) > 0)
  t.equal(users.nameOf(`${account?.[0]}-ext@x.test`), `uid ${account?.[2]}`, 'from /etc/passwd')
  t.equal(users.nameOf('No.Body.here-a-b@x.test'), 'user no.body.here')
  rmSync(home, { recursive: true })
  t.end()
})

t.test('it is kept for a minute, and 10,000 are', (t) => {
  const home = makeHome({ ann: 1000 })
  let now = 0
  const users = new RecipientUsers(home, () => now)
  t.equal(users.nameOf('ann@x.test'), 'uid 1000')
  assign(home, { ann: 1002 })
  now = 59_999
  t.equal(users.nameOf('ann@x.test'), 'uid 1000')
  for (let n = 1; n < 10_000; n += 1) users.nameOf(`u${n}@x.test`)
  t.equal(users.nameOf('ann@x.test'), 'uid 1000')
  users.nameOf('one.more@x.test')
  t.equal(users.nameOf('ann@x.test'), 'uid 1002', 'it has started anew')
  assign(home, { ann: 1003 })
  now = 120_000
  t.equal(users.nameOf('ann@x.test'), 'uid 1003')
  writeFileSync(join(home, 'users/cdb'), 'no cdb')
  now = 180_001
  t.equal(users.nameOf('ann@x.test'), 'user ann', 'a table that cannot be read says nothing')
  rmSync(home, { recursive: true })
  t.end()
})
