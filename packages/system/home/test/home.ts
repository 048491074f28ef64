import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
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
  for (const part of Object.values(parts)) {
    uid += 1
    chownSync(join(home, part), uid, uid + 100)
  }
  uid = 61_000
  for (const role of Object.keys(parts)) {
    uid += 1
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

/** Accounts of the system that are no person's. */
const [first, second, third] = [
  ...readFileSync('/etc/passwd', 'latin1').matchAll(/^[^:]*:[^:]*:([1-9]\d{0,2}):\d+:[^:]*:[^:]*:.*nologin$/gm),
].map((line) => Number(line[1])) as [number, number, number]

/** A home without accounts/, each part of which belongs to the uid given. */
function oldHome(t: Test, owners: Record<string, number>): string {
  const made = realpathSync(t.testdir({ queue: { info: {}, lock: { tcpto: '' } }, alias: {}, smtpd: {} }))
  chmodSync(made, 0o755)
  for (const [part, uid] of Object.entries({ ...owners, 'queue/lock': owners['queue'] as number })) chownSync(join(made, part), uid, 61_999)
  return made
}

const several = () => ({ queue: first, 'queue/info': second, 'queue/lock/tcpto': third, alias: 65_534, smtpd: third })

t.test('root makes accounts/ once, of the owners of today, and does not look at owners again', asRoot, async (t) => {
  const made = oldHome(t, several())
  const { status, stdout, stderr } = spawnSync(process.execPath, [fixture, 'send', 'become'], {
    env: { YABUMI_HOME: made },
    encoding: 'utf8',
  })
  t.equal(status, 0)
  t.match(JSON.parse(stdout), { uid: second })
  t.match(stderr, new RegExp(`^made ${made}/accounts, .*queue .*, send .*, remote .*, alias nobody, smtp .*\n$`))
  t.match(lstatSync(join(made, 'accounts')), { uid: 0, mode: 0o40755 })
  t.same(readdirSync(join(made, 'accounts')), ['alias', 'queue', 'remote', 'send', 'smtp'])
  t.same(
    readdirSync(made).filter((name) => name.startsWith('accounts.')),
    [],
  )
  for (const part of Object.keys(several())) chownSync(join(made, part), 0, 0)
  rmSync(join(made, 'queue/info'), { recursive: true })
  symlinkSync('/etc', join(made, 'queue/info'))
  const again = spawnSync(process.execPath, [fixture, 'send', 'become'], { env: { YABUMI_HOME: made }, encoding: 'utf8' })
  t.match(JSON.parse(again.stdout), { uid: second })
  t.equal(again.stderr, '')
  t.match(
    where({ YABUMI_HOME: made }, 'submit', 'become'),
    { message: /accounts\/submit is missing/ },
    'what owned nothing has no account yet',
  )
})

t.test(
  "a home in which everything is one user's, alias/ apart, gets no accounts/, and root becomes that user for everything",
  asRoot,
  async (t) => {
    const made = oldHome(t, { queue: 61_001, 'queue/info': 61_001, 'queue/lock/tcpto': 61_001, alias: 65_534, smtpd: 61_001 })
    for (const role of ['queue', 'send', 'smtp', 'submit', 'auth'])
      t.match(where({ YABUMI_HOME: made }, role, 'become'), { uid: 61_001 }, role)
    t.match(where({ YABUMI_HOME: made }, 'alias', 'become'), { uid: 65_534 })
    const roots = oldHome(t, { queue: 0, 'queue/info': 0, 'queue/lock/tcpto': 0, alias: 65_534, smtpd: 0 })
    t.equal(where({ YABUMI_HOME: roots }, 'send', 'become'), null, 'root stays root')
    for (const each of [made, roots]) t.notOk(existsSync(join(each, 'accounts')))
  },
)

t.test('root refuses owners that an account could have made up, and makes nothing of them', asRoot, async (t) => {
  const shells = readFileSync('/etc/passwd', 'latin1')
  const person = Number(/^[^:]*:[^:]*:([1-9]\d{3}):\d+:[^:]*:[^:]*:.*sh$/m.exec(shells)?.[1] ?? 0)
  const replace = (made: string, part: string, to: string): void => {
    rmSync(join(made, part), { recursive: true })
    symlinkSync(to, join(made, part))
  }
  const wrong: [message: RegExp, act: (made: string) => void, skip?: boolean][] = [
    [/queue\/info: it is a link/, (made) => replace(made, 'queue/info', '/')],
    [/queue\/lock\/tcpto: not a directory/, (made) => replace(made, 'queue/lock', '/')],
    [/queue\/lock\/tcpto: it is a link/, (made) => replace(made, 'queue/lock/tcpto', '/etc/passwd')],
    [/queue\/lock\/tcpto: it has another name/, (made) => linkSync(join(made, 'queue/lock/tcpto'), join(made, 'queue/other'))],
    [/parts of .* are root's and others are not .*make install/, (made) => chownSync(join(made, 'queue/info'), 0, 0)],
    [/parts of .* are root's and others are not/, (made) => chownSync(join(made, 'smtpd'), 0, 0)],
    [/uid 61001, who owns the part of send, is no account/, (made) => chownSync(join(made, 'queue/info'), 61_001, 0)],
    [/is a person/, (made) => chownSync(join(made, 'queue/info'), person, 0), person === 0],
    [/is not root's alone/, (made) => chownSync(made, 61_001, 0)],
    [/is not root's alone/, (made) => chmodSync(made, 0o775)],
  ]
  for (const [message, act, skip] of wrong) {
    if (skip) continue
    const made = oldHome(t, several())
    act(made)
    t.match(where({ YABUMI_HOME: made }, 'remote', 'become'), { status: '4.3.0', message })
    t.notOk(readdirSync(made).some((name) => name.startsWith('accounts')))
  }
})
