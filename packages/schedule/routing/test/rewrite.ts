import { ConstMap } from '@yabumi/control'
import type { ChannelName } from '@yabumi/retrytimes'
import t from 'tap'
import { rewrite, withoutPrepend } from '../src/index.ts'

const virtualDomains = ConstMap.ofColonLines([
  'user@exact.test:alone',
  'virt.test:joe',
  'hole.virt.test:',
  '.wild.test:ann-w',
  '.deep.wild.test:deep',
  'dash.test:a-b-',
])
const routing = { locals: ConstMap.ofLines(['me.test', 'ph.test', 'Other.Test']), virtualDomains }
const rewriting = { envNoAtHost: 'me.test', percentHack: ConstMap.ofLines(['ph.test', 'ph2.test']) }

const table: [recipient: string, channel: ChannelName, address: string][] = [
  ['joe', 'local', 'joe@me.test'],
  ['joe@me.test', 'local', 'joe@me.test'],
  ['Joe@ME.Test', 'local', 'Joe@ME.Test'],
  ['joe@other.test', 'local', 'joe@other.test'],
  ['', 'local', '@me.test'],
  ['a@b@me.test', 'local', 'a@b@me.test'],
  ['joe@remote.test', 'remote', 'joe@remote.test'],
  ['joe@', 'remote', 'joe@'],
  // percent hack
  ['u%y.test%ph.test@ph.test', 'remote', 'u@y.test'],
  ['u%me.test@PH.test', 'local', 'u@me.test'],
  ['u@ph.test', 'local', 'u@ph.test'],
  ['u%y.test@ph2.test', 'remote', 'u@y.test'],
  ['u%y.test@remote.test', 'remote', 'u%y.test@remote.test'],
  ['%@ph.test', 'remote', '@'],
  ['a%virt.test@ph.test', 'local', 'joe-a@virt.test'],
  // virtual domains and users
  ['info@virt.test', 'local', 'joe-info@virt.test'],
  ['Info@VIRT.test', 'local', 'joe-Info@VIRT.test'],
  ['info@sub.virt.test', 'remote', 'info@sub.virt.test'],
  ['x@hole.virt.test', 'remote', 'x@hole.virt.test'],
  ['user@exact.test', 'local', 'alone-user@exact.test'],
  ['USER@Exact.test', 'local', 'alone-USER@Exact.test'],
  ['other@exact.test', 'remote', 'other@exact.test'],
  ['a@sub.wild.test', 'local', 'ann-w-a@sub.wild.test'],
  ['a@x.sub.wild.test', 'local', 'ann-w-a@x.sub.wild.test'],
  ['a@x.deep.wild.test', 'local', 'deep-a@x.deep.wild.test'],
  ['a@wild.test', 'remote', 'a@wild.test'],
  ['x@dash.test', 'local', 'a-b--x@dash.test'],
]

for (const [recipient, channel, address] of table) {
  t.test(`${recipient || '(empty)'} goes to ${channel} ${address}`, async (t) => {
    t.same(rewrite(recipient, rewriting, routing), { channel, address })
  })
}

t.test('the empty key catches every domain that nothing else does, unless an empty value lets it pass', async (t) => {
  const all = { locals: routing.locals, virtualDomains: ConstMap.ofColonLines([':all', '.out.test:']) }
  t.same(rewrite('a@any.test', rewriting, all), { channel: 'local', address: 'all-a@any.test' })
  t.same(rewrite('a@x.out.test', rewriting, all), { channel: 'remote', address: 'a@x.out.test' })
  t.same(rewrite('a@me.test', rewriting, all), { channel: 'local', address: 'a@me.test' })
})

t.test('bounces show recipients of virtual domains as the world knows them', async (t) => {
  t.equal(withoutPrepend('joe-info@virt.test', virtualDomains), 'info@virt.test')
  t.equal(withoutPrepend('ann-w-a@x.sub.wild.test', virtualDomains), 'a@x.sub.wild.test')
  t.equal(withoutPrepend('a-b--x@dash.test', virtualDomains), 'x@dash.test')
  t.equal(withoutPrepend('all-a@any.test', ConstMap.ofColonLines([':all'])), 'a@any.test')
})

t.test('bounces leave alone what no virtual domain has put there', async (t) => {
  t.equal(withoutPrepend('alone-user@exact.test', virtualDomains), 'alone-user@exact.test')
  t.equal(withoutPrepend('joe@virt.test', virtualDomains), 'joe@virt.test')
  t.equal(withoutPrepend('joeinfo@virt.test', virtualDomains), 'joeinfo@virt.test')
  t.equal(withoutPrepend('x@hole.virt.test', virtualDomains), 'x@hole.virt.test')
  t.equal(withoutPrepend('joe', virtualDomains), 'joe')
})
