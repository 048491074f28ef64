// mailbox: what it refuses, what it writes, and that nobody gets a uid twice. As root and as an ordinary user.
import { chownSync, existsSync, linkSync, lstatSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { amRoot, ScratchHome } from '../../../../test/support/home.ts'

const me = process.getuid?.() ?? 0
const first = 70_000

async function mailbox(home: ScratchHome, args: string[], input = '') {
  const { exitCode, stdout, stderr } = await home.run('mailbox', args, { input, reject: false })
  return { exitCode, stdout, stderr }
}

function text(home: ScratchHome, name: string): string {
  return readFileSync(join(home.directory, name), 'latin1')
}

t.test('a mailbox has a home, a password, two lines and its domain', async (t) => {
  const home = await ScratchHome.make(t)
  const added = await mailbox(home, ['add', 'Anna@Example.org', '--domain'], 'geheim\n')
  t.equal(added.exitCode, 0, added.stderr)
  const uid = amRoot ? first : me
  const own = join(home.directory, 'mailboxes/example.org/anna')
  t.match(added.stdout, `anna@example.org has uid ${uid} and ${own}\n`)
  const gid = amRoot ? uid : (process.getgid?.() ?? 0)
  const fields = `anna@example.org:${uid}:${gid}:${own}`
  t.equal(text(home, 'users/mailboxes'), `=example.org-anna:${fields}:::\n+example.org-anna-:${fields}:-::\n.\n`)
  t.equal(text(home, 'control/virtualdomains'), 'example.org:example.org\n')
  t.match(text(home, 'control/rcpthosts'), /^example\.org$/m)
  for (const name of ['', 'Maildir', 'Maildir/new']) {
    const stats = statSync(join(own, name))
    t.same({ mode: stats.mode & 0o777, uid: stats.uid, gid: stats.gid }, { mode: 0o700, uid, gid }, name)
  }
  t.match(text(home, 'users/passwords'), /^anna@example\.org:\$scrypt\$/)
  t.equal((await mailbox(home, ['add', 'ben@example.org'], 'zwei\n')).exitCode, 0)
  t.equal(text(home, 'control/virtualdomains'), 'example.org:example.org\n', 'the domain stands there once')
  const list = (await mailbox(home, ['list'])).stdout.split('\n')
  t.same(
    list.map((line) => line.split(' ')[0]),
    ['anna@example.org', 'ben@example.org'].concat(list.length > 2 ? [''] : []),
  )
})

t.test('what cannot be is one line and 100, and changes nothing', async (t) => {
  const home = await ScratchHome.make(t)
  writeFileSync(join(home.directory, 'control/virtualdomains'), 'other.example:joe\n')
  const before = readdirSync(home.directory, { recursive: true }).sort()
  const refused = async (args: string[], words: RegExp, input = 'x\n'): Promise<void> => {
    const answer = await mailbox(home, args, input)
    t.equal(answer.exitCode, 100, args.join(' '))
    t.match(answer.stderr, words)
  }
  const long = `${'a'.repeat(65)}@example.org`
  for (const address of [
    'anna',
    '@example.org',
    '.anna@example.org',
    'an na@example.org',
    'änna@example.org',
    'a/b@example.org',
    'anna@example',
    'anna@.example.org',
    'anna@example..org',
    'anna@a.org:b',
    long,
  ])
    await refused(['add', address, '--domain'], /cannot be a mailbox/)
  await refused(['add', 'anna@example.org'], /no mail for example\.org comes to mailboxes here; say --domain/)
  await refused(['add', 'anna@other.example', '--domain'], /control\/virtualdomains has other\.example:joe/)
  await refused(['add', 'anna@mail.test.example', '--domain'], /control\/locals has it/)
  await refused(['add', 'anna@example.org', '--domain'], /setpassword/, '\n')
  await refused(['password', 'anna@example.org'], /there is no mailbox anna@example\.org/)
  await refused(['remove', 'anna@example.org'], /there is no mailbox/)
  await refused(['add', 'a@example.org', 'b@example.org'], /usage/)
  const own = /^users\/mailboxes\.lock$|^users\/mailboxuids$/
  t.same(
    readdirSync(home.directory, { recursive: true })
      .map(String)
      .sort()
      .filter((name) => !own.test(name)),
    before,
  )
})

t.test('64 bytes of a name, and 254 of a login, are the most', async (t) => {
  const home = await ScratchHome.make(t)
  const domain = `${'d'.repeat(63)}.${'e'.repeat(63)}.${'f'.repeat(58)}.org` // 190
  t.equal((await mailbox(home, ['add', `${'a'.repeat(63)}@${domain}`, '--domain'], 'x\n')).exitCode, 0)
  t.equal((await mailbox(home, ['add', `${'a'.repeat(64)}@${domain}`, '--domain'], 'x\n')).exitCode, 100)
})

t.test('a name that another domain’s mailbox has in the table is nobody else’s', async (t) => {
  const home = await ScratchHome.make(t)
  t.equal((await mailbox(home, ['add', 'c@a.org-b.net', '--domain'], 'x\n')).exitCode, 0)
  for (const address of ['b.net-c@a.org', 'b.net@a.org', 'b.net-c-d@a.org']) {
    const { exitCode, stderr } = await mailbox(home, ['add', address, '--domain'], 'x\n')
    t.equal(exitCode, 100, address)
    t.match(stderr, `${address} cannot be told from c@a.org-b.net`)
  }
  t.equal((await mailbox(home, ['add', 'b.net-d@a.org', '--domain'], 'x\n')).exitCode, 0)
})

t.test('an app has a password of its own, and goes by itself', async (t) => {
  const home = await ScratchHome.make(t)
  await mailbox(home, ['add', 'anna@example.org', '--domain'], 'eins\n')
  t.equal((await mailbox(home, ['password', 'anna@example.org/Phone'], 'zwei\n')).exitCode, 0)
  const logins = () =>
    text(home, 'users/passwords')
      .split('\n')
      .flatMap((line) => line.split(':')[0] || [])
  t.same(logins(), ['anna@example.org', 'anna@example.org/phone'])
  t.equal((await mailbox(home, ['remove', 'anna@example.org/phone'])).exitCode, 0)
  t.same(logins(), ['anna@example.org'])
  t.equal((await mailbox(home, ['password', 'anna@example.org/../x'], 'x\n')).exitCode, 100)
})

t.test('what is removed is kept, and its uid is nobody’s again', async (t) => {
  const home = await ScratchHome.make(t)
  await mailbox(home, ['add', 'anna@example.org', '--domain'], 'eins\n')
  await mailbox(home, ['password', 'anna@example.org/phone'], 'zwei\n')
  const removed = await mailbox(home, ['remove', 'anna@example.org'])
  t.equal(removed.exitCode, 0, removed.stderr)
  t.equal(text(home, 'users/mailboxes'), '.\n')
  t.equal(text(home, 'users/passwords'), '')
  const [kept = ''] = readdirSync(join(home.directory, 'mailboxes/.removed'))
  t.match(kept, /^anna@example\.org\.\d{8}T\d{6}$/)
  t.ok(existsSync(join(home.directory, 'mailboxes/.removed', kept, 'Maildir/new')))
  t.equal(statSync(join(home.directory, 'mailboxes/.removed')).mode & 0o777, 0o700)
  const again = await mailbox(home, ['add', 'anna@example.org'], 'x\n')
  if (amRoot) t.match(again.stdout, `has uid ${first + 1} `)
})

t.test(
  'uids: of no account, of nobody’s range, and another range where they end',
  { skip: !amRoot && 'only root gives uids' },
  async (t) => {
    const home = await ScratchHome.make(t)
    home.control('mailboxuids', '65533-65535\n') // nobody is 65534
    const uids = []
    for (const name of ['a', 'b', 'c'])
      uids.push((await mailbox(home, ['add', `${name}@example.org`, '--domain'], 'x\n')).stdout.split(' ')[3])
    t.same(uids.slice(0, 2), ['65533', '65535'])
    const none = await mailbox(home, ['add', 'd@example.org'], 'x\n')
    t.equal(none.exitCode, 111)
    t.match(none.stderr, /no uid from 65533 to 65535 is left for a mailbox; \d+-\d+ is free: put it into control\/mailboxuids/)
    home.control('mailboxuids', 'many\n')
    t.match((await mailbox(home, ['add', 'd@example.org'], 'x\n')).stderr, /control\/mailboxuids: many is no range/)
  },
)

t.test(
  'what a try left that did not come to its end is used by the next',
  { skip: !amRoot && 'the uid of the home decides' },
  async (t) => {
    const home = await ScratchHome.make(t)
    await mailbox(home, ['add', 'anna@example.org', '--domain'], 'x\n')
    writeFileSync(join(home.directory, 'users/mailboxes'), '.\n') // as before its table was written
    const again = await mailbox(home, ['add', 'anna@example.org'], 'x\n')
    t.match(again.stdout, `has uid ${first} `, again.stderr)
    renameSync(join(home.directory, 'mailboxes/example.org/anna'), join(home.directory, 'mailboxes/example.org/ben'))
    const taken = await mailbox(home, ['add', 'ben@example.org'], 'x\n')
    t.equal(taken.exitCode, 111)
    t.match(taken.stderr, /is there already, and uid 70000's; move it away/)
  },
)

t.test('repair gives a home back, without what may be somebody else’s', { skip: !amRoot && 'only root gives files away' }, async (t) => {
  const home = await ScratchHome.make(t)
  await mailbox(home, ['add', 'anna@example.org', '--domain'], 'x\n')
  const own = join(home.directory, 'mailboxes/example.org/anna')
  writeFileSync(join(own, 'Maildir/new/1.a'), 'x')
  const secret = join(home.directory, 'users/secret')
  writeFileSync(secret, 'x')
  linkSync(secret, join(own, 'Maildir/second'))
  t.equal((await mailbox(home, ['repair'])).stdout, '', 'a home that is its mailbox’s is not entered')
  chownSync(own, 0, 0)
  const repaired = await mailbox(home, ['repair'])
  t.equal(repaired.exitCode, 0, repaired.stderr)
  t.match(repaired.stderr, /Maildir\/second has a second name, so it is left as it is/)
  t.equal(lstatSync(join(own, 'Maildir/new/1.a')).uid, first)
  t.equal(lstatSync(own).uid, first)
  t.equal(lstatSync(secret).uid, 0)
})
