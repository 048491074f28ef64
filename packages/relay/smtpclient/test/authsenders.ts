/** Which way control/authsenders has mail go, by its sender, and with which login. */
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { currentSettings, type Route, wayOf } from '../src/index.ts'
import { makeHome } from './support/attempt.ts'

makeHome(t)
writeFileSync('control/smtproutes', 'relayed.example:smart.example:587\n')
writeFileSync('control/qmtproutes', 'quick.example:q.example\n')

async function write(name: string, text: string): Promise<void> {
  writeFileSync(`control/${name}`, text, { mode: 0o600 })
  await nextTurn()
}

const way = (sender: string, host = 'far.example'): Route => wayOf(sender, host, currentSettings())
const password = (user: string, password: string) => ({ user, password, plain: false })
const usual = { protocol: 'smtp', host: 'far.example', port: 25, relay: false }

t.test('without the file mail goes as smtproutes and qmtproutes say', async (t) => {
  t.same(way('joe@x.example'), usual)
  t.same(way('', 'relayed.example'), { protocol: 'smtp', host: 'smart.example', port: 587, relay: true })
})

t.test('the longest hit decides: the sender, its domain, a domain above, everybody', async (t) => {
  await write(
    'authsenders',
    `# ours
joe@x.example:one.example:465|joe|secret
joe@x.example:late.example|joe|later
@x.example|two.example:587|x|other|plain
.example:[::1]:2525|up|p
:all.example|all|word
bare.test:bare.example
`,
  )
  t.same(way('Joe@X.example'), { protocol: 'smtp', host: 'one.example', port: 465, relay: true, login: password('joe', 'secret') })
  t.same(way('ann@x.example'), {
    protocol: 'smtp',
    host: 'two.example',
    port: 587,
    relay: true,
    login: { user: 'x', password: 'other', plain: true },
  })
  t.same(way('ann@sub.x.example'), { protocol: 'smtp', host: '[::1]', port: 2525, relay: true, login: password('up', 'p') })
  t.match(way('ann@other.test'), { host: 'all.example', login: { user: 'all' } })
  t.match(way('', 'quick.example'), { protocol: 'smtp', host: 'all.example' }, 'bounces too, and before qmtproutes')
  t.same(way('x@bare.test'), { protocol: 'smtp', host: 'bare.example', port: 25, relay: true })
  await write('routepasswords', 'bare.example|us|key\n')
  t.match(way('x@bare.test'), { login: password('us', 'key') })
})

t.test('a login without a relay is shown to the relay of a route, and to no mail host of the DNS', async (t) => {
  await write('authsenders', '@x.example|me|secret\n@y.example|me|oauth:tokens/y|plain\n')
  t.same(way('a@x.example'), usual)
  t.match(way('a@x.example', 'relayed.example'), { host: 'smart.example', port: 587, login: password('me', 'secret') })
  t.same(way('a@x.example', 'quick.example'), { protocol: 'qmtp', host: 'q.example', port: 209, relay: true })
  t.match(way('a@y.example', 'relayed.example'), { login: { user: 'me', tokenFrom: 'tokens/y', plain: true } })
})

t.test('a line that cannot be understood keeps mail of whom it names, and no other', async (t) => {
  for (const line of ['@x.example', '@x.example|relay.example', '@x.example:relay.example|me', '@x.example|', '@x.example||p']) {
    await write('authsenders', `@y.example:r.example\n${line}\n`)
    t.throws(() => way('a@x.example'), { message: 'control/authsenders line 2: not SENDER:RELAY|USER|PASSWORD' }, line)
    t.match(way('a@y.example'), { host: 'r.example' })
    t.same(way('a@z.example'), usual)
  }
})

t.test('a file that everybody reads, or a link, keeps all mail', async (t) => {
  chmodSync('control/authsenders', 0o644)
  await nextTurn()
  t.throws(() => way('a@z.example'), { message: 'control/authsenders is readable by everybody' })
  rmSync('control/authsenders')
  await nextTurn()
  t.same(way('a@z.example'), usual)
})
