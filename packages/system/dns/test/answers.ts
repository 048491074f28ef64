/** What a question comes to, by servers with their oddities, and what is asked again. */
import { createSocket } from 'node:dgram'
import { rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { dnsQuestions } from '@yabumi/limits'
import t from 'tap'
import { startDnsServer, type Zone } from '../../../../test/support/dns-server.ts'
import { ask, findExchanges } from '../src/index.ts'
import { parseResolvConf } from '../src/resolvconf.ts'
import { currentServers } from '../src/servers.ts'

const digest = 'ab'.repeat(32)
const signed = { secure: true } as const
const zone: Zone = {
  'signed.example': { ...signed, MX: [[10, 'mx.signed.example']] },
  'mx.signed.example': { ...signed, CNAME: 'host.signed.example' },
  'host.signed.example': { ...signed, A: ['192.0.2.1'], AAAA: ['2001:db8::1'] },
  '_25._tcp.mx.signed.example': { ...signed, TLSA: [[3, 1, 1, digest]] },
  'half.example': { ...signed, CNAME: 'plain.example' },
  'plain.example': { A: ['192.0.2.2'], TXT: ['v=spf1 -all', 'x'.repeat(300)] },
  'lower.example': { A: ['192.0.2.3'], oddity: 'lower' },
  'old.example': { A: ['192.0.2.4'], oddity: 'FORMERR' },
  'forged.example': { A: ['192.0.2.5'], oddity: 'forged' },
  'kept.example': { A: ['192.0.2.6'], ttl: 60 },
  'briefly.example': { A: ['192.0.2.7'] },
}

process.chdir(t.testdir({ control: {} }))
const server = await startDnsServer(zone)
t.teardown(() => server.close())
writeFileSync('control/resolvers', `${server.address}\n`)

const asked = (line: string): number => server.queries.filter((each) => each === line).length

t.test('what a server of this host has verified is secure, aliases included', async (t) => {
  t.same(await ask('_25._tcp.mx.signed.example', 'TLSA'), {
    kind: 'found',
    records: [{ usage: 3, selector: 1, matching: 1, data: Buffer.from(digest, 'hex') }],
    secure: true,
  })
  t.match(await findExchanges('signed.example'), {
    secure: true,
    exchanges: [
      { address: '192.0.2.1', host: 'mx.signed.example', alias: 'host.signed.example', secure: true },
      { address: '2001:db8::1', host: 'mx.signed.example', alias: 'host.signed.example', secure: true },
    ],
  })
  t.same(await ask('half.example', 'A'), { kind: 'found', records: ['192.0.2.2'], alias: 'plain.example' })
  t.same(await ask('missing.example', 'A'), { kind: 'nxdomain' })
})

t.test('the parts of a text are joined', async (t) => {
  t.same(await ask('plain.example', 'TXT'), { kind: 'found', records: ['v=spf1 -all', 'x'.repeat(300)] })
})

t.test('servers with their oddities are understood, and guesses are not', async (t) => {
  t.same(await ask('lower.example', 'A'), { kind: 'found', records: ['192.0.2.3'] })
  t.equal(asked('tcp A lower.example'), 1, 'by connection, where nobody can guess')
  t.same(await ask('old.example', 'A'), { kind: 'found', records: ['192.0.2.4'] })
  t.same(await ask('forged.example', 'A'), { kind: 'found', records: ['192.0.2.5'] })
})

t.test('an answer is kept as long as the zone says, and one question is asked once at a time', async (t) => {
  await ask('kept.example', 'A')
  await ask('KEPT.example.', 'A')
  t.equal(asked('udp A kept.example'), 1)
  await ask('briefly.example', 'A')
  await ask('briefly.example', 'A')
  t.equal(asked('udp A briefly.example'), 2)
  await Promise.all(Array.from({ length: 5 }, () => ask('briefly.example', 'A')))
  t.equal(asked('udp A briefly.example'), 3)
})

t.test('only servers of this host are believed, or those that the operator trusts', async (t) => {
  const outside = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)
  t.same(parseResolvConf('nameserver 192.0.2.1\nnameserver fe80::1%eth0\nnameserver nobody\noptions edns0 trust-ad\n'), {
    addresses: ['192.0.2.1', 'fe80::1%eth0'],
    trustAd: true,
  })
  t.same(parseResolvConf('#options trust-ad\noptions rotate\n'), { addresses: ['127.0.0.1'], trustAd: false })
  if (outside === undefined) return void t.comment('this host has only loopback addresses: not seen')
  const distant = await startDnsServer(zone, outside.address)
  writeFileSync('control/resolvers', `${distant.address}\n`)
  t.match(await findExchanges('signed.example'), { secure: undefined, exchanges: [{ secure: undefined }] })
  writeFileSync('control/resolverstrusted', '1\n')
  t.match(await findExchanges('signed.example'), { secure: true, exchanges: [{ secure: true }] })
  rmSync('control/resolverstrusted')
  t.match(currentServers(), [{ address: outside.address, trusted: false }])
  await distant.close()
})

t.test('so many questions are open at once, and the others wait', async (t) => {
  const held = new Map<string, () => void>() // by name: who hears nothing asks again
  let open = true
  const burst = 50 // as many as a socket keeps: what it drops nobody hears of
  const slow = createSocket('udp4')
  slow.on('message', (query, { port, address }) => {
    const answer = (): void => {
      query.writeUInt16BE(0x8183, 2)
      slow.send(query, port, address)
    }
    if (open) held.set(query.toString('latin1', 12).toLowerCase(), answer)
    else answer()
  })
  await new Promise<void>((done) => slow.bind(0, '127.0.0.1', done))
  t.teardown(() => slow.close())
  writeFileSync('control/resolvers', `127.0.0.1:${slow.address().port}\n`)
  const answers: ReturnType<typeof ask<'A'>>[] = []
  while (answers.length < dnsQuestions) {
    for (let i = 0; i < burst; i += 1) answers.push(ask(`n${answers.length}.example`, 'A'))
    while (held.size < answers.length) await setImmediate()
  }
  for (let i = 0; i < 20; i += 1) answers.push(ask(`n${answers.length}.example`, 'A'))
  for (let turn = 0; turn < 1_000; turn += 1) await setImmediate()
  t.equal(held.size, dnsQuestions)
  open = false
  for (const answer of held.values()) answer()
  for (const answer of await Promise.all(answers)) t.same(answer, { kind: 'nxdomain' })
})

t.test('silence is waited for in three rounds, and not for ever', async (t) => {
  const silent = await Promise.all([1, 2].map(() => startDnsServer({ 'silent.example': 'SILENCE' })))
  writeFileSync('control/resolvers', silent.map(({ address }) => `${address}\n`).join(''))
  t.same(await ask('silent.example', 'A'), { kind: 'trouble', reason: 'ETIMEOUT' })
  t.same(
    silent.map(({ queries }) => queries.length),
    [3, 2],
  )
  for (const each of silent) await each.close()
})
