// What is written is read again, whatever stands in it.
import { diagnosticBytes } from '@yabumi/limits'
import t from 'tap'
import { messageGroup, readDeliveryStatus, recipientGroup } from '../src/index.ts'

const recipient = {
  address: 'joe@x.test',
  originalRecipient: undefined,
  action: 'failed',
  status: '5.1.1',
  remoteAddress: undefined,
  diagnosticCode: undefined,
} as const

function read(groups: string): ReturnType<typeof readDeliveryStatus> {
  return readDeliveryStatus(Buffer.from(`Content-Type: message/delivery-status\n\n${groups}`, 'latin1'))
}

const head = messageGroup({ reportingMta: 'h.test', envelopeId: 'a+3D+0A', arrivalDate: '1 Dec 2026 00:00:00 -0000' })

t.test('the fields of message and recipients are read again', async (t) => {
  const other = { ...recipient, originalRecipient: 'rfc822;Joe+2B1@y', remoteAddress: '2001:db8::1', diagnosticCode: 'smtp; 550 no' }
  t.same(read(head + recipientGroup(recipient) + recipientGroup(other)), {
    form: 'delivery-status',
    reportType: undefined,
    reportingMta: 'dns; h.test',
    envelopeId: 'a=+0A',
    arrivalDate: '1 Dec 2026 00:00:00 -0000',
    recipients: [
      { finalRecipient: 'rfc822; joe@x.test', action: 'failed', status: '5.1.1' },
      {
        originalRecipient: 'rfc822;Joe+1@y',
        finalRecipient: 'rfc822; joe@x.test',
        action: 'failed',
        status: '5.1.1',
        remoteMta: 'dns; [2001:db8::1]',
        diagnosticCode: 'smtp; 550 no',
      },
    ],
  })
})

t.test('bytes that are no ASCII begin no line of their own, and an address in UTF-8 is written as RFC 6533 has it', async (t) => {
  const address = Buffer.from('jö@x').toString('latin1')
  const group = recipientGroup({ ...recipient, address, diagnosticCode: `smtp; \xff\nStatus: 2.0.0\r\n\r\n${'x'.repeat(3_000)}` })
  t.match(group, /^Final-Recipient: utf-8; j\\x\{F6\}@x$/m)
  t.match(read(head + group)?.recipients, [{ status: '5.1.1' }])
  t.ok(group.split('\n').every((line) => line.length <= 998 && /^[ -~]*$/.test(line)))
  t.ok(group.length < diagnosticBytes + 200)
})
