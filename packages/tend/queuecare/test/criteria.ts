import t from 'tap'
import { matchesAddress, matchesDomain, parseCriteria } from '../src/criteria.ts'

const none = { _: [], all: false }

t.test('nothing said is refused, and so is everything said twice', async (t) => {
  t.throws(() => parseCriteria(none), /./)
  t.throws(() => parseCriteria({ _: ['1'], all: true }), /./)
  t.same(parseCriteria({ _: [], all: true }).ids, undefined)
})

t.test('a number may have its mark and zeros in front, and is nothing else', async (t) => {
  t.same(parseCriteria({ ...none, _: ['#0457', 12] }).ids, ['457', '12'])
  t.throws(() => parseCriteria({ ...none, _: ['todo/457'] }), /./)
})

t.test('durations have a unit, seconds if none', async (t) => {
  for (const [text, seconds] of Object.entries({ '90': 90, '90s': 90, '15m': 900, '12h': 43_200, '3d': 259_200, '2w': 1_209_600 })) {
    t.equal(parseCriteria({ ...none, older: text }).olderThan, seconds)
  }
  for (const text of ['', 'd', '1.5h', '-1', '1y']) t.throws(() => parseCriteria({ ...none, younger: text }), /./)
})

t.test('addresses are compared without case; a star is any text; <> is the sender of a bounce', async (t) => {
  const { senders = [] } = parseCriteria({ ...none, sender: ['Joe@Example.org', 'list-*@*', '<>', 'j\u00e9@x'] })
  for (const address of ['joe@example.ORG', 'list-a-b@c', '', 'j\u00c3\u00a9@x']) t.ok(matchesAddress(address, senders), address)
  for (const address of ['xjoe@example.org', 'joe@example.org.uk', 'list@c', 'list-']) t.notOk(matchesAddress(address, senders), address)
  t.ok(matchesAddress('a', ['*']))
  t.notOk(matchesAddress('ab', ['ab*b'])) // the pieces do not overlap
})

t.test('a domain is itself, and with a dot in front all below it', async (t) => {
  t.ok(matchesDomain('a@b@Example.org', ['example.org']))
  t.notOk(matchesDomain('a@sub.example.org', ['example.org']))
  t.ok(matchesDomain('a@sub.example.org', ['.example.org']))
  t.notOk(matchesDomain('a@example.org', ['.example.org']))
  t.notOk(matchesDomain('nohost', ['example.org']))
})
