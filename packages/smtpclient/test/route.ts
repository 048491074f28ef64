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
  t.same(routeOf('Whole.Example', routes), { host: 'relay.example', port: 25, relay: true })
  t.same(routeOf('a.b.sub.example', routes), { host: '192.0.2.1', port: 2525, relay: true })
  t.same(routeOf('sub.example', routes), { host: 'sub.example', port: 25, relay: false }, 'a suffix is not the name itself')
  t.same(routeOf('direct.sub.example', routes), { host: 'direct.sub.example', port: 25, relay: false })
  t.same(routeOf('[192.0.2.9]', routes), { host: 'literal.example', port: 25, relay: true })
  t.same(routeOf('', routes), { host: '', port: 25, relay: false })
})

t.test('a relay may have a port and stand in brackets', async (t) => {
  t.same(routeOf('six.example', routes), { host: '[::1]', port: 2525, relay: true })
  t.same(routeOf('four.example', routes), { host: '[127.0.0.1]', port: 25, relay: true })
  t.same(routeOf('port.example', routes), { host: 'port.example', port: 2525, relay: false })
  t.same(routeOf('odd.example', routes), { host: 'relay.example', port: 25, relay: true })
  t.same(routeOf('huge.example', routes), { host: 'relay.example', port: 25, relay: true }, 'ports have 16 bits')
})

t.test('the empty key is for everything else', async (t) => {
  const all = ConstMap.ofColonLines([':smart.example', 'mine.example:'])
  t.same(routeOf('any.example', all), { host: 'smart.example', port: 25, relay: true })
  t.same(routeOf('', all), { host: 'smart.example', port: 25, relay: true })
  t.same(routeOf('mine.example', all), { host: 'mine.example', port: 25, relay: false })
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
