import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { startDnsServer } from '../../../../test/support/dns-server.ts'

const program = join(import.meta.dirname, '../../../../bin/tlspolicy')
const signed = { secure: true } as const
const dns = await startDnsServer({
  'signed.example': { ...signed, MX: [[10, 'mx.signed.example']] },
  'mx.signed.example': { ...signed, A: ['198.51.100.1'] },
  '_25._tcp.mx.signed.example': { ...signed, TLSA: [[3, 1, 1, 'ab'.repeat(32)]] },
  'plain.example': { A: ['198.51.100.2'] },
})
t.teardown(() => dns.close())

async function tlspolicy(t: Test, files: Readonly<Record<string, string>>, ...args: string[]) {
  const control = { me: 'test.example\n', resolvers: `${dns.address}\n`, ...files }
  const home = t.testdir({ bin: {}, control, queue: { lock: { tcpto: '' } }, users: {}, alias: {} })
  const child = spawn(program, args, { env: { ...process.env, YABUMI_HOME: home } })
  const [out, complaints, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { out, complaints, code: code as number }
}

t.test('what is demanded of each host is said, and who demands it', async (t) => {
  t.same(await tlspolicy(t, { dane: '1\n' }, 'Signed.example'), {
    out: 'mx.signed.example 198.51.100.1 port 25: TLS and what its TLSA records say (3 1 1), by DANE\n',
    complaints: '',
    code: 0,
  })
  t.match(await tlspolicy(t, {}, 'signed.example'), { out: /: clear text, by default\n$/ })
  t.match(await tlspolicy(t, { esmtp: '1\n' }, 'plain.example'), {
    out: 'plain.example 198.51.100.2 port 25: TLS if it can be had, by default\n',
  })
  t.match(await tlspolicy(t, { tlspolicy: 'plain.example:verify:match=a.example:port=465\n' }, 'plain.example'), {
    out: 'plain.example 198.51.100.2 port 465: TLS and a certificate for a.example, by control/tlspolicy line 1\n',
  })
  t.match(await tlspolicy(t, { tlspolicy: 'plain.example:strong\n' }, 'plain.example'), {
    out: /: nothing is sent now, by control\/tlspolicy: control\/tlspolicy line 1: no level is called strong\n$/,
  })
})

t.test('where there is nobody to send to, it says what remote would', async (t) => {
  t.match(await tlspolicy(t, {}, 'missing.example'), { out: /any host named missing\.example/, code: 111 })
  t.match(await tlspolicy(t, {}), { out: '', code: 100 })
})
