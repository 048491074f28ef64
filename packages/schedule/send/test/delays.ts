/** What a sender hears of a message that waits (RFC 3461 §4.1), by NOTIFY and control/delaywarn. */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readDeliveryStatus } from '@yabumi/dsn'
import { delayRecipients } from '@yabumi/limits'
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

const hour = 3600
const report = 'Connected to 192.0.2.1 but it is busy. (#4.3.2)\nRemote host said: 450 busy\n'

function homeWith(controls: Record<string, string>): Home {
  const home = new Home({ concurrencyremote: '200\n', bouncehost: 'b.test\n', bounceformat: 'both\n', ...controls })
  writeFileSync(join(home.path, 'fakequeue'), '#!/bin/sh\ncat >mess.$$\ncat <&1 >envelope.$$\nmv mess.$$ got.$$\n')
  chmodSync(join(home.path, 'fakequeue'), 0o755)
  return home
}

function queued(home: Home): Buffer[] {
  return readdirSync(home.path)
    .filter((name) => name.startsWith('got.'))
    .map((name) => readFileSync(join(home.path, name)))
}

interface Waits {
  readonly hours?: number
  /** Of the message. */
  readonly facts?: string
  /** Of each recipient. */
  readonly notify?: string
  readonly recipients?: number
  readonly sender?: string
}

/** A message of some age is put off once more, in all its recipients. @returns what its sender hears */
async function heard(controls: Record<string, string>, waits: Waits = {}): Promise<Buffer[]> {
  const { hours = 5, facts = ' AUTH=joe', notify, recipients = 1, sender = 'a@b.test' } = waits
  const home = homeWith(controls)
  const names = Array.from({ length: recipients }, (_, n) => `T${n}@far.test\0`)
  const places = names.map((_, n) => names.slice(0, n).join('').length)
  const ofRecipients = notify === undefined ? '' : places.map((at) => `\0Aremote ${at} v1 R0.NOTIFY=${notify}`).join('')
  const birth = Math.floor(Date.now() / 1000) - hours * hour
  const id = home.stock(`${sender}\0Av1 BODY=7BIT${facts}${ofRecipients}`, { remote: names.join('') }, birth)
  const send = new Send(home, { env: { QMAILQUEUE: './fakequeue' }, facts: true })
  for (let n = 0; n < recipients; n += 1) await send.deliver('remote', 'Z', report)
  await send.logged(/^delivery \d+: deferral/, recipients)
  home.submit({ sender: 'x@b.test', recipients: ['later@far.test'] })
  await send.deliver('remote', 'K')
  await send.stop()
  const mail = queued(home)
  if (mail.length > 0) {
    t.match(home.file('info', id), /\0Adelayed\0$/)
    t.equal(home.mtime('info', id), birth, 'its age counts on')
    t.match(send.log, /^delay msg \d+ qp \d+$/m)
  }
  home.remove()
  return mail
}

t.test('a message of ours that has waited for delaywarn seconds is told of, and not sooner', async (t) => {
  const controls = { delaywarn: '14400\n' }
  const [mail, more] = await heard(controls)
  t.equal(more, undefined)
  const text = mail?.toString('latin1') ?? ''
  t.match(text, /\nSubject: delay notice\n/)
  t.match(text, /\nHello\. This is the qmail-send program at b\.test\.\nYour message has not reached the following addresses yet\./)
  t.match(text, /Content-Type: text\/rfc822-headers\n/, 'only the header goes back')
  const status = readDeliveryStatus(mail as Buffer)
  t.match(status?.recipients, [
    { finalRecipient: 'rfc822; 0@far.test', action: 'delayed', status: '4.3.2', diagnosticCode: 'smtp; 450 busy' },
  ])
  t.match(status?.recipients[0]?.willRetryUntil, /^\d+ \w{3} \d{4}/)
  t.same(await heard(controls, { hours: 3 }), [])
})

t.test('strangers do not hear of it unless they ask, and nobody does who does not want to', async (t) => {
  const controls = { delaywarn: '14400\n' }
  t.same(await heard(controls, { facts: ' ORIGIN=network' }), [])
  t.equal((await heard(controls, { facts: ' ORIGIN=network', notify: 'DELAY' })).length, 1)
  t.same(await heard(controls, { notify: 'SUCCESS,FAILURE' }), [])
  t.same(await heard(controls, { notify: 'NEVER' }), [])
  t.equal((await heard(controls, { notify: 'FAILURE,DELAY' })).length, 1)
  t.same(await heard(controls, { sender: '' }), [], 'a bounce has nobody to tell')
})

t.test('without control/delaywarn who asks hears of it after four hours; a bounce of qmail has no words for it', async (t) => {
  t.same(await heard({}), [])
  t.equal((await heard({}, { notify: 'DELAY' })).length, 1)
  t.same(await heard({}, { notify: 'DELAY', hours: 3 }), [])
  t.same(await heard({ bounceformat: 'qsbmf\n', delaywarn: '60\n' }), [])
})

t.test('it is told once', async (t) => {
  t.same(await heard({ delaywarn: '60\n' }, { facts: ' AUTH=joe\0Adelayed' }), [])
})

t.test('a deadline that only tells is told of when it is over', async (t) => {
  const now = Math.floor(Date.now() / 1000)
  t.equal((await heard({}, { hours: 1, facts: ` BY=${now - 10};N` })).length, 1)
  t.same(await heard({}, { hours: 1, facts: ` BY=${now + 10_000};N` }), [])
})

t.test('so many recipients are named, and no more', async (t) => {
  for (const [recipients, named] of [
    [delayRecipients, delayRecipients],
    [delayRecipients + 1, delayRecipients],
  ] as const) {
    const [mail] = await heard({ delaywarn: '60\n' }, { recipients })
    t.equal(readDeliveryStatus(mail as Buffer)?.recipients.length, named)
  }
})
