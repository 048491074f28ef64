import { ConstMap } from '@yabumi/control'
import fc from 'fast-check'
import t from 'tap'
import { routeOf } from '../src/route.ts'

const routes = ConstMap.ofColonLines([
  'whole.example:relay.example',
  '.sub.example:192.0.2.1:2525',
  'direct.sub.example:',
  'six.example:[::1]:2525',
  'four.example:[127.0.0.1]',
  'port.example::2525',
  'odd.example:relay.example:',
  'huge.example:relay.example:65561x',
  '[192.0.2.9]:literal.example',
])

t.test('the first hit of whole name and suffixes decides', async (t) => {
  t.same(routeOf('Whole.Example', routes), { protocol: 'smtp', host: 'relay.example', port: 25, relay: true })
  t.same(routeOf('a.b.sub.example', routes), { protocol: 'smtp', host: '192.0.2.1', port: 2525, relay: true })
  t.same(
    routeOf('sub.example', routes),
    { protocol: 'smtp', host: 'sub.example', port: 25, relay: false },
    'a suffix is not the name itself',
  )
  t.same(routeOf('direct.sub.example', routes), { protocol: 'smtp', host: 'direct.sub.example', port: 25, relay: false })
  t.same(routeOf('[192.0.2.9]', routes), { protocol: 'smtp', host: 'literal.example', port: 25, relay: true })
  t.same(routeOf('', routes), { protocol: 'smtp', host: '', port: 25, relay: false })
})

t.test('a relay may have a port and stand in brackets', async (t) => {
  t.same(routeOf('six.example', routes), { protocol: 'smtp', host: '[::1]', port: 2525, relay: true })
  t.same(routeOf('four.example', routes), { protocol: 'smtp', host: '[127.0.0.1]', port: 25, relay: true })
  t.same(routeOf('port.example', routes), { protocol: 'smtp', host: 'port.example', port: 2525, relay: false })
  t.same(routeOf('odd.example', routes), { protocol: 'smtp', host: 'relay.example', port: 25, relay: true })
  t.same(routeOf('huge.example', routes), { protocol: 'smtp', host: 'relay.example', port: 25, relay: true }, 'ports have 16 bits')
})

t.test('the empty key is for everything else', async (t) => {
  const all = ConstMap.ofColonLines([':smart.example', 'mine.example:'])
  t.same(routeOf('any.example', all), { protocol: 'smtp', host: 'smart.example', port: 25, relay: true })
  t.same(routeOf('', all), { protocol: 'smtp', host: 'smart.example', port: 25, relay: true })
  t.same(routeOf('mine.example', all), { protocol: 'smtp', host: 'mine.example', port: 25, relay: false })
})

t.test('any route is a relay with a port, or none', async () => {
  const value = fc.array(fc.constantFrom(':', '[', ']', 'a.b', '1', '65536', '::1', ' '), { maxLength: 6 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(value, (relay) => {
      const { host, port, relay: isRelay } = routeOf('h.example', ConstMap.ofColonLines([`:${relay}`]))
      return port >= 0 && port <= 65_535 && (isRelay ? relay.startsWith(host) && host !== '' : host === 'h.example')
    }),
    { seed: 4, numRuns: 2000 },
  )
})

t.test('qmtproutes decide first, with a port of their own', async (t) => {
  const qmtp = ConstMap.ofColonLines(['.hub.example:hub.example', 'six.example:[::1]:2090', 'plain.hub.example:', ':all.example:1'])
  t.same(routeOf('a.hub.example', routes, qmtp), { protocol: 'qmtp', host: 'hub.example', port: 209, relay: true })
  t.same(routeOf('six.example', routes, qmtp), { protocol: 'qmtp', host: '[::1]', port: 2090, relay: true })
  t.same(routeOf('Whole.Example', routes, qmtp), { protocol: 'qmtp', host: 'all.example', port: 1, relay: true })
  t.same(routeOf('plain.hub.example', routes, qmtp), routeOf('plain.hub.example', routes))
  t.same(routeOf('Whole.Example', routes, ConstMap.ofColonLines([])), routeOf('Whole.Example', routes))
})
