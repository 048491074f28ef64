/** What is published, as the servers of a zone have it, with a resolver that still has something else. */
import { writeFileSync } from 'node:fs'
import { askAuthority, askEach } from '@yabumi/dns'
import t from 'tap'
import { startDnsServer } from '../../../../test/support/dns-server.ts'

process.chdir(t.testdir({ control: {} }))
const zone = await startDnsServer({
  'a.example': { TXT: ['new'], ttl: 7_200 },
  'alias.a.example': { CNAME: 'b.example', follow: false },
})
const resolver = await startDnsServer({
  'a.example': { NS: ['ns.a.example'], TXT: ['old'], ttl: 5 },
  'ns.a.example': { A: ['127.0.0.1'] },
  'alias.a.example': { CNAME: 'b.example' },
  'b.example': { TXT: ['of b'] },
  'c.example': { NS: ['ns.c.example'], TXT: ['of c'] },
  'ns.c.example': { A: ['127.0.0.1'] },
})
t.teardown(() => Promise.all([zone.close(), resolver.close()]))
writeFileSync('control/resolvers', `${resolver.address}\n`)
const port = Number(zone.address.split(':')[1])
const text = async (name: string, at: number) => {
  const { answer, seconds } = await askAuthority(name, 'TXT', at)
  return [answer.kind === 'found' ? answer.records : answer.kind, seconds]
}

t.test('the servers of a zone are asked, with the time that the zone says', async (t) => {
  t.same(await text('a.example', port), [['new'], 7_200])
  t.same((await text('no.a.example', port))[0], 'nxdomain')
})

t.test('where an alias leads elsewhere, or nobody has the zone, the resolvers answer', async (t) => {
  t.same((await text('alias.a.example', port))[0], ['of b'])
  t.same((await text('b.example', port))[0], ['of b'])
})

t.test('servers that refuse are asked once', async (t) => {
  const refusing = await startDnsServer({ 'c.example': 'REFUSED' })
  t.teardown(() => refusing.close())
  const there = Number(refusing.address.split(':')[1])
  t.same((await text('c.example', there))[0], ['of c'])
  t.same((await text('c.example', there))[0], ['of c'])
  t.equal(refusing.queries.length, 1)
})

t.test('each server of a zone is asked by itself', async (t) => {
  const other = await startDnsServer({ 'd.example': { TXT: ['older'] } }, '127.0.0.2', port)
  t.teardown(() => other.close())
  zone.setZone({ 'd.example': { TXT: ['new'] } })
  resolver.setZone({
    'd.example': { NS: ['ns.d.example', 'ns2.d.example'] },
    'ns.d.example': { A: ['127.0.0.1'] },
    'ns2.d.example': { A: ['127.0.0.2'] },
  })
  const views = await askEach('d.example', 'TXT', port)
  t.same(views.map(({ server, answer }) => [server, answer.kind === 'found' && answer.records]).sort(), [
    ['127.0.0.1', ['new']],
    ['127.0.0.2', ['older']],
  ])
})
