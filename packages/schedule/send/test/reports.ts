/** Bounces as reports (RFC 3464), and of what a sender wants to hear (RFC 3461). */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readDeliveryStatus, readReport } from '@yabumi/dsn'
import { successUntold } from '@yabumi/spawnprotocol'
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

const keeps = { QMAILQUEUE: './fakequeue' }

function homeWith(controls: Record<string, string>): Home {
  const home = new Home({ concurrencylocal: '5\n', concurrencyremote: '5\n', bouncehost: 'b.test\n', ...controls })
  writeFileSync(join(home.path, 'fakequeue'), '#!/bin/sh\ncat >mess.$$\ncat <&1 >envelope.$$\nmv mess.$$ got.$$\n')
  chmodSync(join(home.path, 'fakequeue'), 0o755)
  return home
}

/** What the queue program got. */
function queued(home: Home): Buffer[] {
  return readdirSync(home.path)
    .filter((name) => name.startsWith('got.'))
    .map((name) => readFileSync(join(home.path, name)))
}

interface Told {
  readonly facts?: string
  readonly text?: string
  readonly channel?: 'local' | 'remote'
  readonly status?: 'K' | 'D'
  readonly report?: string
  readonly sender?: string
}

/** One message for one recipient, and all that is told of it. */
async function bounced(controls: Record<string, string>, told: Told): Promise<Buffer[]> {
  const { facts, text = 'Message-ID: <1@x.test>\nSubject: \xe9\n\nbody\n', channel = 'local', status = 'D', sender = 'a@b.test' } = told
  const home = homeWith(controls)
  const send = new Send(home, { env: keeps, facts: true })
  const recipient = channel === 'local' ? 'no@me.test' : 'no@far.test'
  home.submit({ sender, recipients: [recipient], text, ...(facts === undefined ? {} : { facts }) })
  await send.deliver(channel, status, told.report ?? 'No. (#5.1.1)\n')
  await send.logged(/^end msg|^delivery 1: success/)
  await send.until(() => home.files().length === 0)
  await send.stop()
  const mail = queued(home)
  home.remove()
  return mail
}

const plain = "Hi. This is the qmail-send program at b.test.\nI'm afraid I wasn't able to deliver your message"

t.test('with bounceformat both the first part is the bounce of qmail to the byte, up to the header that it copies', async (t) => {
  const [qsbmf] = await bounced({}, {})
  const [both] = await bounced({ bounceformat: 'both\n' }, {})
  const wanted = qsbmf?.toString('latin1').slice(qsbmf.toString('latin1').indexOf('Hi. This')) ?? ''
  const { type, parts } = readReport(both as Buffer)
  t.equal(type, 'delivery-status')
  t.same(
    parts.map((part) => part.type),
    ['text/plain', 'message/delivery-status', 'message/rfc822'],
  )
  t.equal(parts[0]?.bytes.toString('latin1'), wanted.replace('\n\nbody\n', '\n\n--- Rest of message truncated.\n'))
  t.equal(parts[2]?.bytes.toString('latin1'), 'Message-ID: <1@x.test>\nSubject: \xe9\n\nbody\n')
  t.match(both?.toString('latin1'), /\nIn-Reply-To: <1@x\.test>\nReferences: <1@x\.test>\nAuto-Submitted: auto-replied\n/)
  t.match(readDeliveryStatus(both as Buffer), {
    reportingMta: 'dns; b.test',
    recipients: [{ finalRecipient: 'rfc822; no@me.test', action: 'failed', status: '5.1.1', diagnosticCode: 'x-qmail; No. (#5.1.1)' }],
  })
})

t.test('with bounceformat dsn the text ends before the copy; a bad word is as none', async (t) => {
  const [dsn] = await bounced({ bounceformat: 'dsn\n' }, {})
  const [text] = readReport(dsn as Buffer).parts
  t.match(text?.bytes.toString(), plain)
  t.notMatch(text?.bytes.toString(), 'Below this line')
  const [bad] = await bounced({ bounceformat: 'html\n', bouncelang: 'en\n' }, {})
  t.match(
    bad?.toString('latin1'),
    new RegExp(`Subject: failure notice\n\n${plain}(?:.|\n)*<no@me\\.test>:\nNo\\. \\(#5\\.1\\.1\\)\n\n--- Below`),
  )
})

t.test('a report has the words of the far host, its address, and what was asked for', async (t) => {
  const facts = 'v1 ENVID=a+3Db RET=HDRS R0.ORCPT=rfc822;Old+20+3D@b.test'
  const report = '192.0.2.7 does not like recipient.\nRemote host said: 550 5.7.1 go away\nGiving up on 192.0.2.7.\n'
  const [mail] = await bounced({ bounceformat: 'both\n' }, { facts, channel: 'remote', report })
  t.match(readDeliveryStatus(mail as Buffer), {
    envelopeId: 'a=b',
    recipients: [
      {
        originalRecipient: 'rfc822;Old+20=@b.test',
        status: '5.0.0',
        remoteMta: 'dns; [192.0.2.7]',
        diagnosticCode: 'smtp; 550 5.7.1 go away',
      },
    ],
  })
  const last = readReport(mail as Buffer).parts[2]
  t.same([last?.type, last?.bytes.toString('latin1')], ['text/rfc822-headers', 'Message-ID: <1@x.test>\nSubject: \xe9\n'])
})

t.test('what does not fit into bouncemaxbytes is no torn message, but its header', async (t) => {
  const text = `Subject: x\n\n${'body\n'.repeat(1_000)}`
  for (const [most, type] of [
    [text.length, 'message/rfc822'],
    [text.length - 1, 'text/rfc822-headers'],
  ] as const) {
    const [mail] = await bounced({ bounceformat: 'dsn\n', bouncemaxbytes: `${most}\n` }, { text })
    t.equal(readReport(mail as Buffer).parts[2]?.type, type)
  }
})

t.test('each language of bouncelang adds a sentence after the report, in its order', async (t) => {
  const [mail] = await bounced({ bounceformat: 'both\n', bouncelang: 'de, xx ja en\n' }, {})
  const [text] = readReport(mail as Buffer).parts
  const sentences = ['Dieses Postfach gibt es nicht\\. .*', 'その宛先のメールボックスはありません。.*', 'There is no such mailbox\\. .*']
  t.match(text?.bytes.toString('utf8'), new RegExp(`<no@me\\.test>:\nNo\\. \\(#5\\.1\\.1\\)\n${sentences.join('\n')}\n\n--- Below`))
})

t.test('who wants to hear nothing of failures hears nothing, and the others do', async (t) => {
  for (const [notify, count] of [
    ['NEVER', 0],
    ['SUCCESS', 0],
    ['DELAY', 0],
    ['FAILURE', 1],
    ['SUCCESS,FAILURE,DELAY', 1],
  ] as const)
    for (const format of ['qsbmf', 'both'])
      t.equal((await bounced({ bounceformat: `${format}\n` }, { facts: `v1 R0.NOTIFY=${notify}` })).length, count, `${notify} ${format}`)
})

t.test('who asks for it hears of success, once; not where the next host will tell, and not without dsnsuccess', async (t) => {
  const facts = 'v1 R0.NOTIFY=SUCCESS,FAILURE'
  const controls = { bounceformat: 'both\n', dsnsuccess: '1\n' }
  const accepted = '192.0.2.7 accepted message.\nRemote host said: 250 ok\n'
  const [local, ...others] = await bounced(controls, { facts, status: 'K', report: 'did 1+0+0\n' })
  t.same(others, [])
  t.match(readDeliveryStatus(local as Buffer), { recipients: [{ action: 'delivered', status: '2.0.0' }] })
  t.match(
    local?.toString(),
    /\nSubject: delivery notice\n(?:.|\n)*\n\nHello\. This is the qmail-send program at b\.test\.\nYour message has reached/,
  )
  const [relayed] = await bounced(controls, { facts, status: 'K', channel: 'remote', report: accepted + successUntold })
  t.match(readDeliveryStatus(relayed as Buffer), {
    recipients: [{ action: 'relayed', status: '2.0.0', remoteMta: 'dns; [192.0.2.7]', diagnosticCode: 'smtp; 250 ok' }],
  })
  t.same(await bounced(controls, { facts, status: 'K', channel: 'remote', report: accepted }), [])
  t.same(await bounced(controls, { status: 'K' }), [])
  t.same(await bounced(controls, { facts, status: 'K', sender: '' }), [])
  t.same(await bounced({ bounceformat: 'both\n' }, { facts, status: 'K' }), [])
  t.same(await bounced({ dsnsuccess: '1\n' }, { facts, status: 'K' }), [])
})

t.test('a host cannot say that what has failed was delivered', async (t) => {
  const report = 'No.\nAction: delivered\nOriginal-Recipient: rfc822;x\n'
  const [mail] = await bounced({ bounceformat: 'both\n' }, { report })
  t.match(readDeliveryStatus(mail as Buffer), { recipients: [{ action: 'failed', status: '5.0.0', originalRecipient: undefined }] })
})
