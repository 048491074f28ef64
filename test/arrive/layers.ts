/**
 * Every layer at the door catches the mail that it is there for, and no honest mail, however odd, is refused.
 *
 * LAYERS=50 sends 50 messages of each of 40 kinds, 2,000 in all; without it 3 of each. At the end stands what each layer did.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { SentTo } from '@yabumi/correspondents'
import t from 'tap'
import { encodePacket } from '../../packages/arrive/milter/src/packets.ts'
import { go, startFilter } from '../../packages/arrive/milter/test/scratch/filter.ts'
import { Client, Resident } from '../../packages/arrive/smtpd/test/scratch/client.ts'
import { ScratchHome } from '../../packages/arrive/smtpd/test/scratch/home.ts'
import { startDnsServer } from '../support/dns-server.ts'
import { addressOf, bodyOf, commandsOf, honest, type Kind, unwanted } from '../support/mailkinds.ts'

const count = Number(process.env['LAYERS'] ?? 3)
const atOnce = 40
const kinds = [...unwanted, ...honest]

const reversed = (address: string): string => address.split('.').reverse().join('.')

const zone: Record<string, { A?: string[]; PTR?: string[]; MX?: [number, string][]; TXT?: string[] }> = {
  'x.example': { MX: [[10, 'mx.x.example']] },
  'mx.x.example': { A: ['192.0.2.1'] },
  'shop.example': { A: ['192.0.2.1'] },
  'test.example': { A: ['192.0.2.1'] },
  'pills.example': { A: ['192.0.2.1'] },
  'pills.example.dbl.example': { A: ['127.0.1.2'] },
}
for (const list of ['bl', 'light', 'drone', 'wl']) zone[`2.0.0.127.${list}.example`] = { A: ['127.0.0.2'] }
for (const [number, { client, lists = [] }] of kinds.entries()) {
  for (let message = 0; message < count; message += 1) {
    const address = addressOf(number, message)
    const name = client === undefined ? `mail${number}.x.example` : `host-${address.replaceAll('.', '-')}.pool.example`
    if (client !== 'none') zone[`${reversed(address)}.in-addr.arpa`] = { PTR: [name] }
    for (const list of lists) zone[`${reversed(address)}.${list}.example`] = { A: ['127.0.0.2'], TXT: ['see the list'] }
  }
}

const dns = await startDnsServer(zone)
t.teardown(() => dns.close())
const filter = await startFilter(t, {
  B: (data) => (data.includes('buy our pills') ? encodePacket('y', '554 5.7.1 the filter has seen that\0') : go),
})
const { address } = filter.milter
const home = new ScratchHome(t, {
  me: 'mx.test.example\n',
  rcpthosts: 'test.example\n',
  resolvers: `${dns.address}\n`,
  greetdelay: '1\n',
  greetmultiline: '1\n',
  badhelo: 'localhost.localdomain\n/*-pool-*\n',
  helocheck: '1\n',
  badmailfrom: '@shop.example\n',
  badmailfromnorelay: '@test.example\n',
  mfcheck: '1\n',
  badrcptto: 'former@test.example\n',
  badrcpttonorelay: 'all@test.example\n',
  validrcptto: 'r@test.example\npostmaster@test.example\nformer@test.example\nall@test.example\n',
  brtlimit: '3\n',
  errorlimit: '20\n',
  dnsbllist: 'bl.example\nlight.example:0.5\ndrone.example:0.5\n',
  rhsbllist: 'dbl.example\n',
  dnswllist: 'wl.example\n',
  greylist: '1\n',
  forbidpipelining: '1\n',
  milters: 'port' in address ? `inet:127.0.0.1:${address.port} name=test\n` : '',
})
mkdirSync(join(home.path, 'state'))
process.chdir(home.path)
new SentTo().add('r@test.example', 'friend@x.example')
process.chdir('/')
const server = new Resident(t, home, [])
const port = await server.ready()

/** @returns all that the client heard */
async function send(kind: Kind, from: string): Promise<string> {
  const client = new Client(t, port, '127.0.0.1', from)
  if (kind.hasty !== undefined) {
    client.send(kind.hasty)
    await client.ending()
    return client.heard
  }
  await client.replies()
  let reply = ''
  let isWanted = false
  for (const command of commandsOf(kind)) {
    if (/^data$/i.test(command) && !isWanted) break
    reply = await client.ask(`${command}\r\n`)
    if (/^rcpt/i.test(command) && reply.startsWith('250')) isWanted = true
    if (reply === '' || reply.startsWith('421')) break
  }
  if (reply.startsWith('354')) await client.ask(bodyOf(kind))
  client.socket.end('QUIT\r\n')
  await client.ending()
  return client.heard
}

/** By layer and kind: messages. */
const did = new Map<string, number>()

/** The layer whose words a refusal has. */
function layersIn(heard: string): string[] {
  const refusals = heard.split('\r\n').filter((line) => /^[45]/.test(line))
  return [...new Set(unwanted.flatMap(({ layer = '', heard: words }) => (refusals.some((line) => words?.test(line)) ? [layer] : [])))]
}

const work = kinds.flatMap((kind, number) => Array.from({ length: count }, (_, message) => ({ kind, address: addressOf(number, message) })))
const outcomes = new Map<Kind, { heard: string; address: string }[]>(kinds.map((kind) => [kind, []]))
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let next = work.pop(); next !== undefined; next = work.pop())
      outcomes.get(next.kind)?.push({ heard: await send(next.kind, next.address), address: next.address })
  }),
)

for (const kind of unwanted) {
  t.test(`${kind.name}: caught by ${kind.layer}`, async (t) => {
    const all = outcomes.get(kind) ?? []
    t.equal(all.length, count)
    for (const { heard, address: from } of all) {
      t.match(heard, kind.heard, from)
      t.notMatch(heard, /^250 ok [0-9]+ qp/m, 'nothing is queued')
      for (const layer of layersIn(heard)) did.set(`${layer}: ${kind.name}`, (did.get(`${layer}: ${kind.name}`) ?? 0) + 1)
      const others = layersIn(heard).filter((layer) => layer !== kind.layer)
      t.same(others, kind.layer === 'brtlimit' ? ['validrcptto'] : [], 'and by no other layer')
    }
  })
}

for (const kind of honest) {
  t.test(`${kind.name}: taken`, async (t) => {
    const all = outcomes.get(kind) ?? []
    t.equal(all.length, count)
    for (const { heard, address: from } of all) t.match(heard, /^250 ok [0-9]+ qp [0-9]+\r$/m, from)
  })
}

t.test('what each layer did', async (t) => {
  for (const [what, messages] of [...did].sort()) t.comment(`${messages} by ${what}`)
  const queued = home.queued().length
  t.comment(`${queued} taken, of ${kinds.length * count} made`)
  t.equal(queued, honest.length * count)
})
