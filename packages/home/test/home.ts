import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'

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

t.test('the accounts of a home are the owners of its parts', async (t) => {
  const caller = { uid: process.getuid?.(), gid: process.getgid?.() }
  for (const role of ['queue', 'send', 'remote', 'alias']) t.same(where({ YABUMI_HOME: home }, role), caller, role)
})

t.test('each account may be another one', { skip: process.getuid?.() !== 0 && 'only root can give files away' }, async (t) => {
  const parts = { queue: 'queue', send: 'queue/info', remote: 'queue/lock/tcpto', alias: 'alias' }
  let uid = 61_000
  for (const [role, part] of Object.entries(parts)) {
    uid += 1
    chownSync(join(home, part), uid, uid + 100)
    t.same(where({ YABUMI_HOME: home }, role), { uid, gid: uid + 100 }, role)
  }
})

t.test('a home that lacks a part is trouble that names the part', async (t) => {
  const { message, status } = where({ YABUMI_HOME: t.testdir({}) }, 'send') as { message: string; status: string }
  t.equal(status, '4.3.0')
  t.match(message, 'queue/info: file does not exist')
})
