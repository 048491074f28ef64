import { dmarcIdentifiers, dmarcRecordBytes, dmarcReportAddresses } from '@yabumi/limits'
import { answersOf } from '@yabumi/zonefile'
import t from 'tap'
import { checkDmarc, type DmarcVerdict, mayReportTo, readDmarcRecord, type Verified } from '../src/index.ts'

type Zone = Readonly<Record<string, readonly unknown[]>>

const txt = (data: string): unknown[] => [{ type: 'TXT', data }]
const failing = [{ type: 'TXT', fail: 'servfail' }]
const nobody: Verified = { dkim: [], spf: undefined }

async function judge(author: string, zone: Zone, verified: Verified = nobody): Promise<DmarcVerdict & { asked: string[] }> {
  const asked: string[] = []
  const answers = answersOf(zone)
  const verdict = await checkDmarc(author, verified, {
    ask: (name, type) => {
      asked.push(`${type} ${name}`)
      return answers(name, type)
    },
  })
  return { ...verdict, asked }
}

t.test('eight questions find the organisation of the longest name, and none is asked twice', async (t) => {
  const zone = { '_dmarc.example.org': txt('v=DMARC1; p=reject') }
  const author = 'a.b.c.d.e.f.g.h.i.j.example.org'
  const { asked, ...verdict } = await judge(author, zone, { dkim: ['mail.example.org', 'other.example'], spf: author })
  t.match(verdict, { result: 'pass', orgDomain: 'example.org', policy: 'reject', dkimAligned: true, spfAligned: true })
  t.same(
    asked.slice(0, 8),
    [
      author,
      'f.g.h.i.j.example.org',
      'g.h.i.j.example.org',
      'h.i.j.example.org',
      'i.j.example.org',
      'j.example.org',
      'example.org',
      'org',
    ].map((name) => `TXT _dmarc.${name}`),
  )
  t.equal(new Set(asked).size, asked.length)
})

t.test('names that do not exist have a policy of their own, and an alias exists', async (t) => {
  const zone = {
    '_dmarc.example.org': txt('v=DMARC1; p=none; sp=quarantine; np=reject'),
    'there.example.org': [{ type: 'MX', data: { preference: 1, exchange: 'mx.example.org' } }],
    'alias.example.org': [{ type: 'CNAME', data: 'gone.example' }],
    'dark.example.org': [{ type: 'ANY', fail: 'timeout' }],
  }
  t.match(await judge('example.org', zone), { result: 'fail', policy: 'none' })
  t.match(await judge('there.example.org', zone), { result: 'fail', policy: 'quarantine' })
  t.match(await judge('alias.example.org', zone), { result: 'fail', policy: 'quarantine' })
  t.match(await judge('gone.example.org', zone), { result: 'fail', policy: 'reject' })
  t.match(await judge('dark.example.org', zone), { result: 'temperror' })
})

t.test('a public suffix says so, and what is below it is of different owners', async (t) => {
  const zone = { '_dmarc.bank': txt('v=DMARC1; p=reject; psd=y'), '_dmarc.own.giant.bank': txt('v=DMARC1; p=quarantine; psd=n') }
  t.match(await judge('a.giant.bank', zone, { dkim: ['mega.bank'], spf: undefined }), {
    result: 'fail',
    orgDomain: 'giant.bank',
    policyDomain: 'bank',
  })
  t.match(await judge('a.giant.bank', zone, { dkim: ['b.giant.bank'], spf: undefined }), { result: 'pass' })
  t.match(await judge('a.own.giant.bank', zone, { dkim: ['giant.bank'], spf: undefined }), { result: 'fail', orgDomain: 'own.giant.bank' })
})

t.test('trouble of the DNS matters only where its answer would', async (t) => {
  const zone = { '_dmarc.mail.example.org': txt('v=DMARC1; p=reject'), '_dmarc.example.org': failing }
  t.match(await judge('mail.example.org', zone), { result: 'fail', policy: 'reject' })
  t.match(await judge('mail.example.org', zone, { dkim: ['mail.example.org'], spf: undefined }), { result: 'pass' })
  t.match(await judge('mail.example.org', zone, { dkim: ['other.example.org'], spf: undefined }), { result: 'temperror' })
  t.match(await judge('www.example.org', zone), { result: 'temperror' })
})

t.test('a record is as long, and an organisation as often asked about, as the limits say', async (t) => {
  const padded = (bytes: number): string => 'v=DMARC1; p=reject; x='.padEnd(bytes, 'x')
  t.notOk('problem' in readDmarcRecord(padded(dmarcRecordBytes)))
  t.ok('problem' in readDmarcRecord(padded(dmarcRecordBytes + 1)))
  const addresses = (count: number) => readDmarcRecord(`v=DMARC1; p=none; rua=${Array(count).fill('mailto:a@b.example').join()}`)
  t.match(addresses(dmarcReportAddresses + 1), { reportTo: { length: dmarcReportAddresses } })
  const others = Array.from({ length: dmarcIdentifiers }, (_, index) => `d${index}.example`)
  const zone = { '_dmarc.example.org': txt('v=DMARC1; p=reject') }
  t.match(await judge('example.org', zone, { dkim: [...others.slice(1), 'a.example.org'], spf: undefined }), { result: 'pass' })
  t.match(await judge('example.org', zone, { dkim: [...others, 'a.example.org'], spf: undefined }), { result: 'fail' })
})

t.test('a record that is no list is permerror, one without a policy nothing', async (t) => {
  t.match(await judge('example.org', { '_dmarc.example.org': txt('v=DMARC1; p=none; bogus') }), {
    result: 'permerror',
    policyDomain: 'example.org',
  })
  t.match(await judge('example.org', { '_dmarc.example.org': txt('v=DMARC1; sp=none') }), { result: 'none' })
  t.match(await judge('', {}), { result: 'none', asked: [] })
  t.match(await judge('[192.0.2.1]', {}), { result: 'none', asked: [] })
})

t.test('reports go to another domain only where it wants them', async (t) => {
  const zone = { 'a.example._report._dmarc.b.example': txt('v=DMARC1'), '_dmarc.a.example': txt('v=DMARC1; p=none') }
  t.equal(await mayReportTo('a.example', 'b.example', answersOf(zone)), true)
  t.equal(await mayReportTo('a.example', 'mail.a.example', answersOf(zone)), true)
  t.equal(await mayReportTo('a.example', 'c.example', answersOf(zone)), false)
})
