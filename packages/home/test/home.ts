import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'

const fixture = join(import.meta.dirname, 'fixtures/where.ts')
const home = realpathSync(
  t.testdir({
    queue: { info: {}, lock: { tcpto: '' } },
    alias: {},
    control: {},
  }),
)

function where(env: Record<string, string>, ...args: string[]): unknown {
  return JSON.parse(execFileSync(process.execPath, [fixture, ...args], { env, cwd: '/', encoding: 'utf8' }))
}

t.test('YABUMI_HOME names the home', async (t) => {
  t.equal(where({ YABUMI_HOME: home }), home)
  t.equal(where({ YABUMI_HOME: home.slice(1) }), home, 'relative to the working directory')
})

t.test('without YABUMI_HOME a program that was not called in a home has the directory above its own', async (t) => {
  t.equal(where({}), dirname(dirname(fixture)))
  t.equal(where({ YABUMI_HOME: '' }), dirname(dirname(fixture)))
})

t.test('without YABUMI_HOME a program called in the bin/ of a home is in that home, also by a link, and if bin/ is a link', async (t) => {
  const root = realpathSync(t.testdir({ checkout: { bin: { inject: '' } }, home: { control: {} }, sbin: {}, elsewhere: {} }))
  symlinkSync('../checkout/bin', join(root, 'home/bin'))
  symlinkSync('../home/bin/inject', join(root, 'sbin/sendmail'))
  symlinkSync('../sbin/sendmail', join(root, 'elsewhere/mail'))
  symlinkSync('endless', join(root, 'elsewhere/endless'))
  for (const program of ['home/bin/inject', 'sbin/sendmail', 'elsewhere/mail']) {
    t.equal(where({}, join(root, program)), join(root, 'home'), program)
    t.equal(where({}, join(root, program).slice(1)), join(root, 'home'), `${program}, relative`)
  }
  for (const program of ['checkout/bin/inject', 'elsewhere/endless', 'nowhere/bin/inject']) {
    t.equal(where({}, join(root, program)), dirname(dirname(fixture)), `${program}: not in a home`)
  }
  mkdirSync(join(root, 'checkout/control'))
  t.equal(where({}, join(root, 'checkout/bin/inject')), join(root, 'checkout'))
})

t.test('a home that does not exist is trouble that names it and the remedy', async (t) => {
  const missing = join(home, 'nowhere')
  const { message, status } = where({ YABUMI_HOME: missing }) as { message: string; status: string }
  t.equal(status, '4.3.0')
  t.match(message, missing)
  t.match(message, 'config-fast')
})

t.test('the accounts of a home without accounts/ are the owners of its parts', async (t) => {
  const caller = { uid: process.getuid?.(), gid: process.getgid?.(), groups: [] }
  for (const role of ['queue', 'send', 'remote', 'alias']) t.same(where({ YABUMI_HOME: home }, role), caller, role)
  for (const role of ['smtp', 'submit', 'auth', 'log']) t.same(where({ YABUMI_HOME: home }, role), caller, `${role}, as everything is`)
})

const asRoot = { skip: process.getuid?.() !== 0 && 'only root can give files away' }

t.test('each account may be another one', asRoot, async (t) => {
  const parts = { queue: 'queue', send: 'queue/info', remote: 'queue/lock/tcpto', alias: 'alias' }
  let uid = 61_000
  for (const [role, part] of Object.entries(parts)) {
    uid += 1
    chownSync(join(home, part), uid, uid + 100)
    t.same(where({ YABUMI_HOME: home }, role), { uid, gid: uid + 100, groups: [] }, role)
  }
})

t.test('a home that lacks a part is trouble that names the part', async (t) => {
  const { message, status } = where({ YABUMI_HOME: t.testdir({}) }, 'send') as { message: string; status: string }
  t.equal(status, '4.3.0')
  t.match(message, 'queue/info: file does not exist')
})

/** A home with accounts/, in which each role's entry belongs to the uid given. */
function homeWithAccounts(t: Test, entries: Record<string, number>): string {
  const made = realpathSync(t.testdir({ queue: { info: {} }, accounts: {} }))
  chmodSync(made, 0o755)
  chmodSync(join(made, 'accounts'), 0o755)
  for (const [role, uid] of Object.entries(entries)) {
    writeFileSync(join(made, 'accounts', role), '')
    chownSync(join(made, 'accounts', role), uid, 61_999)
  }
  return made
}

const [knownUid, knownGid] = (/^[^:]*:[^:]*:([1-9]\d*:\d+):/m.exec(readFileSync('/etc/passwd', 'latin1'))?.[1] ?? '').split(':').map(Number)

t.test('accounts/ says who the accounts are, passwd which groups they have, and nothing that they own says anything', asRoot, async (t) => {
  const made = homeWithAccounts(t, { send: knownUid as number, remote: 61_003 })
  chownSync(join(made, 'queue/info'), 61_002, 61_002)
  t.match(where({ YABUMI_HOME: made }, 'send'), { uid: knownUid, gid: knownGid })
  t.match(where({ YABUMI_HOME: made }, 'remote'), { message: /61003.*passwd.*remote:GID.*accounts\/groups/ }, 'whom passwd does not know')
  writeFileSync(join(made, 'accounts/groups'), 'queue:1\nremote:61004:61005,61006\n')
  t.same(where({ YABUMI_HOME: made }, 'remote'), { uid: 61_003, gid: 61_004, groups: [61_005, 61_006] })
  chmodSync(join(made, 'accounts/groups'), 0o666)
  t.match(where({ YABUMI_HOME: made }, 'remote'), { status: '4.3.0', message: 'accounts/groups' })
  t.match(where({ YABUMI_HOME: made }, 'submit'), { status: '4.3.0', message: /accounts\/submit is missing.*make install/ })
})

t.test('an accounts/ that somebody else than root could have changed is not believed', asRoot, async (t) => {
  const wrong: [name: string, act: (made: string) => void][] = [
    ['accounts/ of another account', (made) => chownSync(join(made, 'accounts'), 61_001, 0)],
    ['accounts/ that a group may write', (made) => chmodSync(join(made, 'accounts'), 0o775)],
    ['a home of another account', (made) => chownSync(made, 61_001, 0)],
    [
      'a link to an accounts/',
      (made) => {
        renameSync(join(made, 'accounts'), join(made, 'real'))
        symlinkSync('real', join(made, 'accounts'))
      },
    ],
    [
      'a link as entry',
      (made) => {
        rmSync(join(made, 'accounts/send'))
        symlinkSync('../queue', join(made, 'accounts/send'))
      },
    ],
    ["an entry of root's", (made) => chownSync(join(made, 'accounts/send'), 0, 0)],
  ]
  for (const [name, act] of wrong) {
    const made = homeWithAccounts(t, { send: knownUid as number })
    t.match(where({ YABUMI_HOME: made }, 'send'), { uid: knownUid }, name)
    act(made)
    t.match(where({ YABUMI_HOME: made }, 'send'), { status: '4.3.0', message: /accounts.*make install/ }, name)
  }
})
