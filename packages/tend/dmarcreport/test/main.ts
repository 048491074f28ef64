import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { type DmarcReport, writeDmarcReport } from '@yabumi/reports'
import t from 'tap'
import { startDnsServer } from '../../../../test/support/dns-server.ts'

const program = join(import.meta.dirname, '../../../../bin/dmarcreport')
const dns = await startDnsServer({ '7.100.51.198.in-addr.arpa': { PTR: ['mail.newsletter.example'] } })
t.teardown(() => dns.close())
const control = { me: 'test.example\n', resolvers: `${dns.address}\n` }

const row = { disposition: 'none', headerFrom: 'example.org', dkimResults: [], spfResults: [] }
const report: DmarcReport = {
  orgName: 'Far \u001b[31mexample',
  email: 'x@far.example',
  reportId: '1',
  begin: 1_796_000_000,
  end: 1_796_086_399,
  domain: 'Example.org',
  p: 'reject',
  rows: [
    { ...row, sourceIp: '192.0.2.1', count: 500, dkim: 'pass', spf: 'pass' },
    { ...row, sourceIp: '192.0.2.2', count: 3, dkim: 'fail', spf: 'Pass' },
    {
      ...row,
      sourceIp: '198.51.100.7',
      count: 120,
      disposition: 'reject',
      dkim: 'fail',
      spf: 'fail',
      dkimResults: [{ domain: 'newsletter.example', result: 'pass' }],
    },
  ],
}
const packed = gzipSync(writeDmarcReport(report))
const message = [
  'Subject: Report Domain: example.org',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  '',
  'a report',
  '--b',
  'Content-Type: application/gzip; name="far!example.org!1!2.xml.gz"',
  'Content-Transfer-Encoding: base64',
  '',
  packed.toString('base64').replace(/.{76}/g, '$&\n'),
  '--b--',
  '',
].join('\n')

async function dmarcreport(home: string, args: readonly string[], input: Buffer | string = '') {
  const child = spawn(program, args, { env: { ...process.env, YABUMI_HOME: home } })
  child.stdin.on('error', () => undefined).end(input)
  const [out, complaints, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { out, complaints, code: code as number }
}

t.test('a Maildir of reports is told in words, what does not pass first, with names, each report once', async (t) => {
  const home = t.testdir({
    control,
    Maildir: { new: { one: message, two: message, other: 'Subject: x\n\nhello\n' }, cur: { bad: '<feedback>' } },
  })
  symlinkSync('one', join(home, 'Maildir/new/link'))
  mkdirSync(join(home, 'Maildir/new/.hidden'))
  t.same(await dmarcreport(home, ['--read', join(home, 'Maildir')]), {
    out: [
      'example.org, policy reject, 2026-11-30 to 2026-12-01',
      '1 report, by Far [31mexample',
      '623 messages: 503 pass, 120 do not',
      '',
      '198.51.100.7 (mail.newsletter.example): 120 messages',
      '    None passes: sent as example.org, but as newsletter.example. 120 of them were stopped. ' +
        'If it is yours, let it sign with a DKIM key of example.org, or add it to SPF. If not, somebody forwards or forges.',
      '',
      '192.0.2.1: 500 messages',
      '    All pass, by signature and SPF.',
      '',
      '192.0.2.2: 3 messages',
      '    All pass, but 3 by SPF only: those get lost where they are forwarded. Let it sign with a DKIM key of example.org.',
      '',
      '',
    ].join('\n'),
    complaints: `dmarcreport: ${join(home, 'Maildir/cur/bad')}: XML that cannot be read: no whole document\n`,
    code: 0,
  })
})

t.test('a report is read from standard input, packed or not, or from a file', async (t) => {
  const home = t.testdir({ control })
  const xml = writeDmarcReport(report)
  writeFileSync(join(home, 'report.xml'), xml)
  const wanted = (await dmarcreport(home, ['--read', '--no-ptr'], message)).out
  t.match(wanted, /^198\.51\.100\.7: 120 messages$/m)
  for (const input of [packed, xml]) t.equal((await dmarcreport(home, ['--read', '--no-ptr'], input)).out, wanted)
  t.equal((await dmarcreport(home, ['--read', '--no-ptr', join(home, 'report.xml')])).out, wanted)
})

const complaint = (ip: string, to: string, kind = 'abuse') =>
  [
    'Subject: complaint',
    'Content-Type: multipart/report; report-type=feedback-report; boundary=b',
    '',
    '--b',
    '',
    'a complaint',
    '--b',
    'Content-Type: message/feedback-report',
    '',
    `Feedback-Type: ${kind}`,
    'User-Agent: Far\u001b[31m/1.0',
    'Version: 1',
    'Original-Mail-From: <news@example.org>',
    `Original-Rcpt-To: <${to}>`,
    `Source-IP: ${ip}`,
    '',
    '--b',
    'Content-Type: message/rfc822',
    '',
    'From: news@example.org',
    '',
    'buy',
    '--b--',
    '',
  ].join('\n')

const toldComplaints = [
  '3 complaints',
  '',
  '198.51.100.7 (mail.newsletter.example): 2 messages, abuse',
  '    Sent as <news@example.org>. To <a@far.example>, <b@far.example>. Told by Far?[31m/1.0. ' +
    'They do not want it. Take them off the list. If nobody of yours has sent it, an account or host is misused.',
  '',
  '192.0.2.9: 1 message, strange',
  '    Sent as <news@example.org>. To <c@far.example>. Told by Far?[31m/1.0. See the report itself.',
  '',
  '',
].join('\n')

t.test('complaints are told by address and kind, from a directory or an mbox, after what is about DMARC', async (t) => {
  const all = [
    complaint('198.51.100.7', 'b@far.example'),
    message,
    complaint('192.0.2.9', 'c@far.example', 'strange'),
    'Subject: x\n\nhello\n',
    complaint('198.51.100.7', 'a@far.example'),
  ]
  const home = t.testdir({ control, plain: Object.fromEntries(all.map((each, index) => [`${index}.eml`, each])) })
  writeFileSync(join(home, 'mbox'), all.map((each) => `From x Thu Jan  1 00:00:00 1970\n${each}\n`).join(''))
  const told = await dmarcreport(home, ['--read', join(home, 'plain')])
  t.match(told, { complaints: '', code: 0 })
  t.ok(told.out.startsWith('example.org, policy reject'))
  t.ok(told.out.endsWith(toldComplaints), told.out)
  t.same(await dmarcreport(home, ['--read', join(home, 'mbox')]), told)
  t.match((await dmarcreport(home, ['--read'], all[0])).out, /^1 complaint\n\n198\.51\.100\.7 /)
})

t.test('without a report, a file or an order nothing is said', async (t) => {
  const home = t.testdir({ control })
  t.match(await dmarcreport(home, ['--read'], 'Subject: x\n\n'), {
    out: '',
    complaints: /no report about DMARC, and no complaint/,
    code: 111,
  })
  t.match(await dmarcreport(home, ['--read', join(home, 'nowhere')]), { out: '', code: 111 })
  t.match(await dmarcreport(home, []), { out: '', code: 100 })
})
