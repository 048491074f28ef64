/** Who may send as whom: by users/senders, or by whose mail it is. */
import { rmSync, writeFileSync } from 'node:fs'
import { systemAccount } from '@yabumi/home'
import { Users } from '@yabumi/users'
import t, { type Test } from 'tap'
import { hostName, ScratchHome, userAccount } from '../../../../test/support/home.ts'
import { Senders } from '../src/index.ts'

const before = process.cwd()

async function scratch(
  t: Test,
): Promise<{ foreign: (login: string, ...addresses: string[]) => Promise<string | undefined>; senders: Senders; lines: string[] }> {
  const home = await ScratchHome.make(t, 'joe', 'ann')
  home.control('virtualdomains', 'v.example:joe-v\n')
  process.chdir(home.directory)
  const users = new Users('.')
  t.teardown(() => {
    users.close()
    process.chdir(before)
  })
  const lines: string[] = []
  const senders = new Senders(users, (line) => lines.push(line))
  return { foreign: async (login, ...addresses) => (await senders.answer(login, addresses)).foreign, senders, lines }
}

t.test('without users/senders everybody may send as whoever gets the mail', async (t) => {
  const { foreign, senders } = await scratch(t)
  for (const own of [`joe@${hostName}`, `JOE@${hostName.toUpperCase()}`, `joe-list@${hostName}`, 'info@v.example', 'joe@V.example'])
    t.equal(await foreign('joe', own), undefined, own)
  for (const other of [
    `ann@${hostName}`,
    `joe@elsewhere.example`,
    `nobody@${hostName}`,
    `postmaster@${hostName}`,
    `joel@${hostName}`,
    '',
    `@${hostName}`,
  ])
    t.equal(await foreign('joe', `joe@${hostName}`, other), other, other)
  t.equal(await foreign('ann', 'info@v.example'), 'info@v.example')
  t.equal(await foreign('nobody', `joe@${hostName}`), `joe@${hostName}`, 'a login without a mailbox')
  t.equal((await senders.answer('joe', [])).own, `joe@${hostName}`)
  t.equal(await foreign('joe/phone', `joe@${hostName}`), undefined, 'an app password')
})

t.test('users/senders says for its logins, and for nobody else', async (t) => {
  const { foreign, senders } = await scratch(t)
  writeFileSync(
    'users/senders',
    '# who\njoe:@all.example\njoe:.below.example\njoe:joe-*@star.example\n\nJoe:j@b\xfccher.example\njoe:First.Last@one.example\r\n',
  )
  for (const own of [
    'x@all.example',
    'X@ALL.example',
    'x@a.below.example',
    'joe-@star.example',
    'joe-x@star.example',
    'first.last@ONE.example',
  ])
    t.equal(await foreign('joe', own), undefined, own)
  for (const other of [
    `joe@${hostName}`,
    'x@ball.example',
    'x@below.example',
    'x@nobelow.example',
    'joe@star.example',
    'x@y@all.example',
    'first@one.example',
    'all.example',
  ])
    t.equal(await foreign('joe', other), other, other)
  t.equal((await senders.answer('JOE', [])).own, Buffer.from('j@b\xfccher.example').toString('latin1'))
  t.equal(await foreign('ann', `ann@${hostName}`), undefined)
  t.equal(await foreign('ann', 'x@all.example'), 'x@all.example')
})

t.test('a domain is the same in both of its spellings', async (t) => {
  const { foreign } = await scratch(t)
  writeFileSync('users/senders', 'joe:j@xn--bcher-kva.example\n')
  t.equal(await foreign('joe', Buffer.from('j@bücher.example', 'utf8').toString('latin1')), undefined)
})

t.test('a line that is none leaves the last good reading, and without one nobody may send', async (t) => {
  const { foreign, lines } = await scratch(t)
  writeFileSync('users/senders', 'joe:@all.example\n')
  t.equal(await foreign('joe', 'x@all.example'), undefined)
  for (const bad of ['joe', 'joe:', ':@x.example', 'joe:x', 'joe:*@x.example', 'joe:a b@x.example', 'joe:x*y@x.example']) {
    writeFileSync('users/senders', `joe:@other.example\n${bad}\n`)
    t.equal(await foreign('joe', 'x@all.example'), undefined, bad)
    t.match(lines.pop(), /^users\/senders:2: not LOGIN:ADDRESS; the last good reading/)
  }
  const fresh = new Senders(new Users('.'), (line) => lines.push(line))
  await t.rejects(fresh.answer('joe', ['x@other.example']), { message: /^users\/senders:2: / })
  rmSync('users/senders')
  t.equal(await foreign('joe', `joe@${hostName}`), undefined)
  t.equal(await foreign('joe', 'x@all.example'), 'x@all.example')
})

t.test('a user of this host may send as whoever gets the mail, or as users/senders says', async (t) => {
  const { senders } = await scratch(t)
  const { uid } = userAccount
  t.equal(await senders.isOwn(uid, `joe@${hostName}`), true)
  t.equal(await senders.isOwn(uid, 'joe@elsewhere.example'), false)
  t.equal(await senders.isOwn(uid + 1, `joe@${hostName}`), false)
  const name = systemAccount(uid)?.name ?? ''
  writeFileSync('users/senders', `${name}:@elsewhere.example\n`)
  t.equal(await senders.isOwn(uid, 'joe@elsewhere.example'), true)
  t.equal(await senders.isOwn(uid, `joe@${hostName}`), false)
})
