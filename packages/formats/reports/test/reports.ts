// Reports of others, as they came, and our own, read again.
import { join } from 'node:path'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { reportBytes, reportRatio, reportRecords, xmlDepth, xmlElements } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'
import t from 'tap'
import { kinds } from '../../../../test/suites/kinds.ts'
import { readSuite, runSuite } from '../../../../test/suites/suite.ts'
import { type DmarcReport, readDmarcReport, readTlsReport, type TlsReport, unpack, writeDmarcReport, writeTlsReport } from '../src/index.ts'
import { readXml } from '../src/xml.ts'

const data = join(import.meta.dirname, '../../../../test/suites/inet')

for (const name of ['arf', 'dmarc-aggregate-report', 'tlsrpt-report']) {
  t.test(`the reports of suite ${name} are read`, async (t) => {
    const suite = readSuite(join(data, `${name}.json`))
    const { passed, failed } = await runSuite(suite, kinds[suite.kind], (line) => t.comment(line))
    t.same([passed, failed], [suite.cases.length, 0])
  })
}

const dmarc: DmarcReport = {
  orgName: 'Ex & Ample <"\u0007>',
  email: 'dmarc@example.net',
  reportId: 'r1',
  begin: 1_796_000_000,
  end: 1_796_086_400,
  domain: 'example.org',
  p: 'reject',
  sp: 'none',
  np: 'reject',
  testing: 'y',
  rows: [
    {
      sourceIp: '2001:db8::1',
      count: 7,
      disposition: 'none',
      dkim: 'pass',
      spf: 'fail',
      headerFrom: 'example.org',
      envelopeFrom: 'bounces.example.org',
      dkimResults: [{ domain: 'example.org', selector: 's1', result: 'pass' }],
      spfResults: [{ domain: 'bounces.example.org', scope: 'mfrom', result: 'fail' }],
    },
  ],
}

t.test('a report about DMARC that is written says the same when it is read, packed too', async (t) => {
  const expected = { ...dmarc, orgName: 'Ex & Ample <">' }
  const xml = Buffer.from(writeDmarcReport(dmarc))
  t.same(readDmarcReport(xml), expected)
  t.same(readDmarcReport(unpack(gzipSync(xml))), expected)
  t.same(readDmarcReport(unpack(zip(xml, 8))), expected)
  t.same(readDmarcReport(unpack(zip(xml, 0))), expected)
})

t.test('a report about TLS that is written says the same when it is read', async (t) => {
  const report: TlsReport = {
    organization: 'Example',
    contact: 'tls@example.net',
    reportId: '1',
    begin: '2026-11-30T00:00:00Z',
    end: '2026-11-30T23:59:59Z',
    policies: [
      {
        type: 'sts',
        lines: ['version: STSv1', 'mode: enforce'],
        domain: 'example.org',
        hosts: ['mx.example.org'],
        successes: 12,
        failures: 3,
        details: [{ resultType: 'certificate-expired', host: 'mx.example.org', receivingIp: '192.0.2.1', sessions: 3 }],
      },
      { type: 'no-policy-found', lines: [], domain: 'example.org', hosts: [], successes: 1, failures: 0, details: [] },
    ],
  }
  t.same(readTlsReport(Buffer.from(writeTlsReport(report))), report)
  for (const bad of ['', '[]', '{}', '{"policies":1', '\xff']) t.throws(() => readTlsReport(Buffer.from(bad, 'latin1')), Trouble, bad)
})

t.test('XML that is not well-formed, or defines anything, is refused', async (t) => {
  const wrong = [
    '<!DOCTYPE feedback [<!ENTITY a "aaaa">]><feedback>&a;</feedback>',
    '<feedback>&a;</feedback>',
    '<feedback>&amp</feedback>',
    '<feedback>& </feedback>',
    '<feedback>&#0;</feedback>',
    '<feedback>&#x110000;</feedback>',
    '<feedback>',
    '<a></b>',
    '</a>',
    '<a/><b/>',
    '<a/>x',
    '<a b=c/>',
    '<a <b/>',
    '<!-- <a/>',
    '<![CDATA[ <a/>',
    '',
    'x',
    '<a>\xff</a>',
  ]
  for (const text of wrong) t.throws(() => readXml(Buffer.from(text, 'latin1')), Trouble, text)
  const right =
    '\ufeff<?xml version="1.0"?>\n<!-- <x> -->\n<n:a xmlns:n="u" b = \'>\'><?x <y> ?><![CDATA[<&]]>&lt;&#65;&#x42;<n:b/></n:a>\n<!-- -->'
  t.same(readXml(Buffer.from(right)), { name: 'a', text: '<&<AB', children: [{ name: 'b', text: '', children: [] }] })
})

t.test('XML is read as deep, and as many elements, as the limits say', async (t) => {
  const deep = (depth: number): Buffer => Buffer.from(`${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`)
  t.ok(readXml(deep(xmlDepth)))
  t.throws(() => readXml(deep(xmlDepth + 1)), Trouble)
  const many = (count: number): Buffer => Buffer.from(`<a>${'<b/>'.repeat(count - 1)}</a>`)
  t.ok(readXml(many(xmlElements)))
  t.throws(() => readXml(many(xmlElements + 1)), Trouble)
})

t.test('records count up to the limit', async (t) => {
  const feedback = (count: number): Buffer => Buffer.from(`<feedback>${'<record/>'.repeat(count)}</feedback>`)
  t.equal(readDmarcReport(feedback(reportRecords)).rows.length, reportRecords)
  t.throws(() => readDmarcReport(feedback(reportRecords + 1)), Trouble)
  t.throws(() => readDmarcReport(Buffer.from('<html/>')), Trouble)
})

t.test('what would unpack beyond the limits, or is damaged, is refused', async (t) => {
  const large = Buffer.alloc(reportBytes, 'ab1')
  t.equal(unpack(large).length, reportBytes)
  t.throws(() => unpack(Buffer.alloc(reportBytes + 1, 'x')), Trouble)
  const bomb = gzipSync(Buffer.alloc(reportBytes, 'x'))
  t.ok(reportBytes / bomb.length > reportRatio)
  for (const packed of [bomb, zip(Buffer.alloc(reportBytes, 'x'), 8), gzipSync(Buffer.alloc(reportBytes + 1, noise(100_000)))])
    t.throws(() => unpack(packed), Trouble)
  const whole = zip(Buffer.from('text'), 8)
  for (let length = 4; length < whole.length; length += 1) t.throws(() => unpack(whole.subarray(0, length)), Trouble)
  t.throws(() => unpack(gzipSync('text').subarray(0, 20)), Trouble)
})

/** Bytes that pack badly, the same each time. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0, state = 1; at < length; at += 1) {
    state = (state * 48_271) % 2_147_483_647
    bytes[at] = state
  }
  return bytes
}

/** An archive of one file. @param method - 0: as it is, 8: deflated */
function zip(bytes: Buffer, method: 0 | 8): Buffer {
  const packed = method === 8 ? deflateRawSync(bytes) : bytes
  const local = Buffer.alloc(31)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(method, 8)
  local.writeUInt16LE(1, 26)
  local.write('r', 30)
  const central = Buffer.alloc(47)
  central.writeUInt32LE(0x02014b50, 0)
  central.writeUInt16LE(method, 10)
  central.writeUInt32LE(packed.length, 20)
  central.writeUInt32LE(bytes.length, 24)
  central.writeUInt16LE(1, 28)
  central.write('r', 46)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(local.length + packed.length, 16)
  return Buffer.concat([local, packed, central, end])
}
