// Delivery status and qmail's bounces, as the world sends them.
import { join } from 'node:path'
import { diagnosticBytes, reportParts, statusRecipients } from '@yabumi/limits'
import t from 'tap'
import { kinds } from '../../../../test/suites/kinds.ts'
import { readSuite, runSuite } from '../../../../test/suites/suite.ts'
import { readDeliveryStatus, readFieldGroups, readReport } from '../src/index.ts'

const data = join(import.meta.dirname, '../../../../test/suites/inet')

t.test('the bounces of other servers that sisimai has gathered are read', async (t) => {
  const suite = readSuite(join(data, 'dsn-parse.json'))
  const { passed, failed } = await runSuite(suite, kinds[suite.kind], (line) => t.comment(line))
  t.same([passed, failed], [suite.cases.length, 0])
})

const qsbmf = [
  'From: MAILER-DAEMON@heaven.af.mil',
  '',
  'Hi. This is the qmail-send program at heaven.af.mil.',
  "I'm afraid I wasn't able to deliver your message to the following addresses.",
  "This is a permanent error; I've given up. Sorry it didn't work out.",
  '',
  '<god@heaven.af.mil>:',
  'Sorry, no mailbox here by that name. (#5.1.1)',
  '',
  '<god@brl.mil>:',
  '128.63.32.4 does not like recipient.',
  'Remote host said: 550 5.7.1 <god@brl.mil>... no',
  'Giving up on 128.63.32.4.',
  '',
  '--- Below this line is a copy of the message.',
  '',
  'Return-Path: <djb@silverton.berkeley.edu>',
  '',
  '<not@a.recipient>:',
  'no',
  '',
].join('\n')

t.test("qmail's bounce is read, with either line end, up to the copy of the message", async (t) => {
  for (const text of [qsbmf, qsbmf.replaceAll('\n', '\r\n')]) {
    t.same(readDeliveryStatus(Buffer.from(text)), {
      form: 'qsbmf',
      reportType: undefined,
      reportingMta: 'dns; heaven.af.mil',
      envelopeId: undefined,
      arrivalDate: undefined,
      recipients: [
        {
          finalRecipient: 'rfc822; god@heaven.af.mil',
          action: 'failed',
          status: '5.1.1',
          diagnosticCode: 'x-qmail; Sorry, no mailbox here by that name. (#5.1.1)',
        },
        {
          finalRecipient: 'rfc822; god@brl.mil',
          action: 'failed',
          status: '5.0.0',
          diagnosticCode:
            'x-qmail; 128.63.32.4 does not like recipient. Remote host said: 550 5.7.1 <god@brl.mil>... no Giving up on 128.63.32.4.',
        },
      ],
    })
  }
})

t.test('mail that tells of no delivery is none', async (t) => {
  for (const text of ['', 'Subject: Hi. This is the\n\nHi there\n', 'Content-Type: message/delivery-status\n\n'])
    t.equal(readDeliveryStatus(Buffer.from(text)), undefined)
})

function report(recipients: number): Buffer {
  const groups = Array.from(
    { length: recipients },
    (_, number) => `Final-Recipient: rfc822; r${number}@x\nAction: FAILED\nStatus: 5.1.1 (none)\n\n`,
  )
  return Buffer.from(`Content-Type: message/delivery-status\n\nReporting-MTA: dns; h\n\n${groups.join('')}`)
}

t.test('recipients count up to the limit', async (t) => {
  t.equal(readDeliveryStatus(report(statusRecipients))?.recipients.length, statusRecipients)
  t.equal(readDeliveryStatus(report(statusRecipients + 1))?.recipients.length, statusRecipients)
})

t.test('what a host said is cut to the limit', async (t) => {
  const long = `Hi. This is the x\n\n<a@b>:\n${'x'.repeat(diagnosticBytes + 1)}\n`
  t.equal(
    readDeliveryStatus(Buffer.from(`Subject: x\n\n${long}`))?.recipients[0]?.diagnosticCode,
    `x-qmail; ${'x'.repeat(diagnosticBytes)}`,
  )
})

t.test('parts count up to the limit, wherever they lie, without their encoding', async (t) => {
  const parts = (count: number): string => '--b\n\nx\n'.repeat(count)
  const message = (count: number): Buffer => Buffer.from(`Content-Type: multipart/report; boundary=b\n\n${parts(count)}--b--\n`)
  t.equal(readReport(message(reportParts)).parts.length, reportParts)
  t.equal(readReport(message(reportParts + 1)).parts.length, reportParts)
  const encoded = 'Content-Type: message/global-delivery-status\nContent-Transfer-Encoding: base64\n\n'
  const status = Buffer.from('Reporting-MTA: dns; h\n\nFinal-Recipient: utf-8; a@b\nAction: delayed\nStatus: 4.4.1\n').toString('base64')
  t.match(readDeliveryStatus(Buffer.from(encoded + status)), { recipients: [{ finalRecipient: 'utf-8; a@b', action: 'delayed' }] })
})

t.test('fields are joined where they are folded, and what is none is passed over', async (t) => {
  const groups = readFieldGroups(Buffer.from('a: 1\r\n  2\r\n\t3\r\nno field\r\n 4\r\nA: 5\n \nb : 6\n\n\n\nc: 7'), 2)
  t.same(
    groups.map((group) => [...group]),
    [[['a', ['1 2 3', '5']]], [['b', ['6']]]],
  )
})
