import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'

const bin = join(import.meta.dirname, '../../../../bin/qreceipt')
const queue = join(import.meta.dirname, 'fixtures/queue')
const wanted = 'Notice-Requested-Upon-Delivery-To: joe@h\n'

/** A scratch directory for what queue gets, and a function that runs qreceipt. */
function scratch(t: Test) {
  const directory = t.testdir({})
  return {
    async qreceipt(input: string, args = ['joe@h'], env: Record<string, string | undefined> = {}) {
      const { exitCode, stderr } = await execa(bin, args, {
        input: Buffer.from(input, 'latin1'),
        env: { PATH: '/usr/bin:/bin', QMAILQUEUE: queue, CAPTURE: directory, SENDER: 's@x', ...env },
        extendEnv: false,
        reject: false,
      })
      return { exit: exitCode, stderr }
    },
    message: () => readFileSync(join(directory, 'mess'), 'latin1'),
    envelope: () => readFileSync(join(directory, 'env'), 'latin1'),
  }
}

const silence = { exit: 0, stderr: '' }

t.test('a request is answered, without a sender, to the sender', async (t) => {
  const { qreceipt, message, envelope } = scratch(t)
  t.same(await qreceipt(`Message-ID: <1@x>\n${wanted}\nbody\n`), silence)
  t.equal(
    message(),
    'From: DELIVERY NOTICE SYSTEM <s@x>\nTo: <s@x>\nSubject: success notice\n\nHi! This is the qreceipt program. Your message was delivered to the\n' +
      'following address: joe@h. Thanks for asking.\nYour Message-ID: <1@x>\n',
  )
  t.equal(envelope(), 'F\0Ts@x\0\0')
})

t.test('the address may stand in any list, and is compared byte for byte', async (t) => {
  for (const list of ['ann@h, Joe <joe@h>', 'group: "joe"@h;', '(c) joe @ h']) {
    const { qreceipt, envelope } = scratch(t)
    t.same(await qreceipt(`notice-requested-upon-delivery-to : ${list}\n`), silence)
    t.equal(envelope(), 'F\0Ts@x\0\0', list)
  }
  for (const list of ['ann@h', '<@a,@b:joe@h>', 'JOE@h', 'joe', '"joe@h"@h', '']) {
    const { qreceipt, envelope } = scratch(t)
    t.same(await qreceipt(`Notice-Requested-Upon-Delivery-To: ${list}\n`), silence)
    t.throws(envelope, list)
  }
})

t.test('no bounce is answered, nor what the body asks for', async (t) => {
  const { qreceipt, envelope } = scratch(t)
  t.same(await qreceipt(wanted, ['joe@h'], { SENDER: '' }), silence)
  t.same(await qreceipt(wanted, ['joe@h'], { SENDER: '#@[]' }), silence)
  t.same(await qreceipt(`A: b\n\n${wanted}`), silence)
  t.throws(envelope)
})

t.test('no sender adds a field to the notice', async (t) => {
  const { qreceipt, message } = scratch(t)
  t.same(await qreceipt(wanted, ['joe@h'], { SENDER: 'a b\nX-Evil: c@x' }), silence)
  t.notMatch(message(), /^X-Evil/m)
  t.ok(message().startsWith('From: DELIVERY NOTICE SYSTEM <"a b\\\n X-Evil: c"@x>\n'))
})

t.test('trouble says whether to try again', async (t) => {
  const { qreceipt } = scratch(t)
  const fatal = (text: string) => `qreceipt: fatal: ${text}`
  t.same(await qreceipt(wanted, ['joe@h'], { QUEUE_EXIT: '31' }), { exit: 100, stderr: fatal('permanent qmail-queue error') })
  t.same(await qreceipt(wanted, ['joe@h'], { QUEUE_EXIT: '53' }), { exit: 111, stderr: fatal('temporary qmail-queue error') })
  const broken = 'Notice-Requested-Upon-Delivery-To: "joe\n @h'
  t.same(await qreceipt(broken), { exit: 100, stderr: fatal(`unable to parse this: ${broken}`) })
  const usage = 'qreceipt: usage: qreceipt deliveryaddress'
  t.same(await qreceipt(wanted, []), { exit: 100, stderr: usage })
  t.same(await qreceipt(wanted, ['joe@h'], { SENDER: undefined }), { exit: 100, stderr: usage })
  const unreadable = await execa('sh', ['-c', `exec '${bin}' joe@h </`], { env: { SENDER: 's@x' }, reject: false })
  t.match(unreadable, { exitCode: 111, stderr: fatal('read error: is a directory') })
})
