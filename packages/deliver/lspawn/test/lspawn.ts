import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { until } from '../../../../test/support/wait.ts'
import { gid, isRoot, TestHome, uid } from './support/home.ts'

t.test('lspawn delivers to a user, with an extension, and returns mail for nobody (D2)', async (t) => {
  const home = new TestHome()
  home.user('joe', { '.qmail-list': './list\n' })
  await home.start()
  t.equal(home.greeting, 120)
  t.equal(await home.deliver('joe@h.example'), 'Kdid 1+0+0\n')
  t.match(home.read('joe', 'Mailbox'), /^From s@x\.example .*\nReturn-Path: <s@x\.example>\nDelivered-To: joe@h\.example\n/)
  t.equal(await home.deliver('Joe-List@h.example'), 'Kdid 1+0+0\n')
  t.equal(await home.deliver('joe-none@h.example'), 'DSorry, no mailbox here by that name. (#5.1.1)\n')
  t.equal(await home.deliver('@h.example'), 'DNo address. (#5.1.3)\n')
  t.equal(await home.end(), 0)
})

t.test('lspawn wants a default delivery', (t) => {
  t.equal(spawnSync(join(import.meta.dirname, '../../../../bin/lspawn')).status, 100)
  t.end()
})

t.test('a user’s deliveries are run by one worker, side by side', async (t) => {
  const home = new TestHome()
  home.user('joe', {
    '.qmail-a': '|echo $PPID >>pids; echo x >meet\n',
    '.qmail-b': '|echo $PPID >>pids; read x <meet\n',
    '.qmail-f': '|mkfifo meet\n',
  })
  await home.start()
  await home.deliver('joe-f@h')
  t.same(await Promise.all([home.deliver('joe-b@h'), home.deliver('joe-a@h')]), ['Kdid 0+0+1\n', 'Kdid 0+0+1\n'])
  const [first, second] = home.read('joe', 'pids')?.split('\n') ?? []
  t.equal(first, second)
  await home.end()
})

t.test('each account has its own worker with its rights, and root receives no mail', { skip: !isRoot && 'needs root' }, async (t) => {
  const home = new TestHome()
  for (const [name, id] of [
    ['joe', 65534],
    ['ann', 20_001],
    ['root', 0],
  ] as const) {
    home.user(name, { '.qmail': '|echo $(id -u) $(id -g) $(id -G) $(umask) >rights; echo $PPID >pid\n' }, { uid: id, gid: id })
  }
  await home.start()
  t.equal(await home.deliver('joe@h'), 'Kdid 0+0+1\n')
  t.equal(await home.deliver('ann@h'), 'Kdid 0+0+1\n')
  t.equal(await home.deliver('root@h'), 'ZNot allowed to perform deliveries as root.\n')
  t.same([home.read('joe', 'rights'), home.read('ann', 'rights')], ['65534 65534 65534 0077\n', '20001 20001 20001 0077\n'])
  t.not(home.read('joe', 'pid'), home.read('ann', 'pid'))
  await home.end()
})

t.test('an lspawn that is not root defers mail for other accounts', async (t) => {
  const home = new TestHome()
  home.user('other', {}, { uid: uid - 1, gid })
  await home.start({}, isRoot ? { uid, gid } : undefined).catch(() => {})
  const expected = `ZMail for other (uid ${uid - 1}) can be delivered only by an lspawn that runs as root; this one runs as uid ${uid}. (#4.3.5)\n`
  t.equal(await home.deliver('other@h'), expected)
  await home.end()
})

t.test('a table that newu renews counts for the next delivery', async (t) => {
  const home = new TestHome()
  home.user('joe')
  await home.start()
  t.equal(await home.deliver('joe@h'), 'Kdid 1+0+0\n')
  home.user('ann', { '.qmail': './box\n' })
  t.equal(await home.deliver('ann@h'), 'Kdid 1+0+0\n')
  t.type(home.read('ann', 'box'), 'string')
  await home.end()
})

t.test('what programs write is the report, cut at its length, also what comes from the background', async (t) => {
  const home = new TestHome()
  home.user('joe', {
    '.qmail': '|echo one; echo two >&2\n',
    '.qmail-fail': '|echo no such thing; exit 100\n',
    '.qmail-long': '|head -c 1000000 /dev/zero | tr "\\0" x; exit 111\n',
    '.qmail-back': '|(read x <gate; echo late) & echo early\n|echo go >gate\n',
    '.qmail-nul': '|printf "a\\0b"; exit 100\n',
    '.qmail-f': '|mkfifo gate\n',
  })
  await home.start()
  t.equal(await home.deliver('joe@h'), 'Kone\ntwo\ndid 0+0+1\n')
  t.equal(await home.deliver('joe-fail@h'), 'Dno such thing\n')
  t.equal(await home.deliver('joe-long@h'), `Z${'x'.repeat(2966)}\nError report too long, sorry.\n`)
  await home.deliver('joe-f@h')
  t.equal(await home.deliver('joe-back@h'), 'Kearly\nlate\ndid 0+0+2\n')
  t.equal(await home.deliver('joe-nul@h'), 'Da')
  await home.end()
})

t.test('deliveries under way are finished when the input ends, and no worker stays', async (t) => {
  const home = new TestHome()
  home.user('joe', {
    '.qmail': '|echo $PPID >pid; echo x >ready; read x <gate\n',
    '.qmail-f': '|mkfifo gate ready\n',
    '.qmail-r': '|read x <ready\n',
    '.qmail-g': '|echo x >gate\n',
  })
  await home.start()
  await home.deliver('joe-f@h')
  const slow = home.deliver('joe@h')
  await home.deliver('joe-r@h')
  const opened = home.deliver('joe-g@h')
  t.equal(await home.end(), 0)
  t.same(await Promise.all([slow, opened]), ['Kdid 0+0+1\n', 'Kdid 0+0+1\n'])
  t.throws(() => process.kill(Number(home.read('joe', 'pid')), 0), { code: 'ESRCH' })
})

t.test('lspawn and its workers keep no descriptor open', async (t) => {
  const home = new TestHome()
  home.user('joe', { 'M/tmp/': '', 'M/new/': '', 'M/cur/': '', '.qmail-m': './M/\n', '.qmail-p': '|echo x\n', '.qmail-b': './no/box\n' })
  const lspawn = await home.start()
  async function all(count: number): Promise<void> {
    const kinds = ['joe@h', 'joe-m@h', 'joe-p@h', 'joe-b@h', 'joe-none@h']
    for (let n = 0; n < count; n += 1) await Promise.all(kinds.map((kind) => home.deliver(kind)))
  }
  function descriptors(pid: number | undefined): number {
    return readdirSync(`/proc/${pid}/fd`).length
  }
  await all(2)
  const children = readFileSync(`/proc/${lspawn.pid}/task/${lspawn.pid}/children`, 'utf8').trim().split(' ').map(Number)
  const before = [lspawn.pid, ...children].map(descriptors)
  await all(20)
  // A worker closes what belongs to a delivery a moment after its report, so that either count may hold some of them.
  await until('the descriptors of 100 deliveries are closed', () =>
    [lspawn.pid, ...children].map(descriptors).every((count, index) => count <= (before[index] ?? 0)),
  )
  t.equal(home.list('joe', 'M/new').length, 22)
  await home.end()
})
