/** What smtpd finds out about strangers' mail, and where it says so. */
import { heldMessageBytes } from '@yabumi/limits'
import t from 'tap'
import { askingHome, bringing, host, replyToMessage, sendingAddress, signed, stranger } from './scratch/authored.ts'
import { bothWays, oneShot } from './scratch/bothways.ts'
import type { ScratchHome } from './scratch/home.ts'

const text = 'From: Joe <joe@example.com>\nTo: r@test.example\nSubject: hello\n\nHello.\n.\n..two\n'

/** @returns what queue got of it last */
async function arrived(home: ScratchHome, message: string, environment: Record<string, string>, sender?: string): Promise<string> {
  const reply = replyToMessage(await oneShot(home, bringing(message, sender), environment))
  if (!reply.startsWith('250 ')) throw new Error(reply)
  return home.queued().at(-1)?.message ?? ''
}

t.test('without control/authcheck, and with 0, nothing is asked and nothing is added', async (t) => {
  const home = await askingHome(t, {})
  const forged = `Authentication-Results: ${host}; dmarc=pass\n${text}`
  for (const controls of [{}, { authcheck: '0\n' }]) {
    for (const [name, value] of Object.entries(controls)) home.control(name, value)
    t.match(await arrived(home, forged, stranger), /^Received: .*\n .*\nAuthentication-Results: mx\.test\.example; dmarc=pass\nFrom: /)
  }
})

t.test('what is found out stands on top, and the message is as it was', async (t) => {
  const home = await askingHome(t, { authcheck: '1\n' })
  const message = await signed(text)
  const taken = await arrived(home, message, { TCPREMOTEIP: sendingAddress })
  const [top = '', rest = ''] = taken.split(/(?<=^Received: .*\n .*\n)/m)
  t.match(
    top,
    new RegExp(
      `^Authentication-Results: ${host};\n` +
        '\tspf=pass smtp\\.mailfrom=example\\.com;\n' +
        '\tdkim=pass header\\.d=example\\.com header\\.s=s1 header\\.a=rsa-sha256 header\\.b=\\S+;\n' +
        '\tdmarc=pass \\(p=reject\\) header\\.from=example\\.com policy\\.dmarc=reject;\n' +
        '\tarc=none\n' +
        'Received: from unknown \\(HELO mail\\.example\\.com\\) \\(192\\.0\\.2\\.7\\)\n.*\n$',
    ),
  )
  t.equal(rest, message)
  t.match(
    await arrived(home, message.replace('Hello.', 'Hullo.'), stranger),
    /spf=fail .*\n\tdkim=fail reason="the body was changed" .*\n\tdmarc=fail /,
  )
  t.match(await arrived(home, text, stranger, ''), /\tspf=none smtp\.helo=mail\.example\.com;\n\tdkim=none;\n\tdmarc=fail \(p=reject\)/)
})

t.test('what others say in our name is taken out, of relay clients’ mail too', async (t) => {
  const home = await askingHome(t, { authcheck: '1\n' })
  const forged = `Authentication-Results: (hey) MX.test.example 1;\n dmarc=pass header.from=example.com\n`
  const foreign = 'Authentication-Results: other.example; dmarc=pass\n'
  const message = await signed(`${foreign}${text}`)
  for (const environment of [stranger, { ...stranger, RELAYCLIENT: '' }, { TCPREMOTEIP: '127.0.0.1' }]) {
    const taken = await arrived(home, forged + message.replace('To: ', `${forged}To: `), environment)
    t.equal(taken.slice(-message.length), message)
    t.notMatch(taken, 'hey')
    t.equal(taken.startsWith('Authentication-Results: mx.test.example;\n'), environment === stranger, 'only strangers are judged')
  }
})

t.test('a message of any size is held back until its results are known, and comes whole', async (t) => {
  const home = await askingHome(t, { authcheck: '1\n' })
  for (const length of [heldMessageBytes, 3 * heldMessageBytes + 11]) {
    const message = await signed(`${text}${`${'x'.repeat(70)}\n`.repeat(Math.ceil(length / 71))}`)
    const taken = await arrived(home, message, stranger)
    t.equal(taken.slice(-message.length), message)
    t.match(taken, /\tdkim=pass .*\n\tdmarc=pass /)
  }
})

t.test('a CR that belongs to a line is part of what was signed', async (t) => {
  const home = await askingHome(t, { authcheck: '1\n' })
  const odd = (await signed(`${text}a\rb\n`)).replace('a\rb', 'a\rb')
  t.match(await arrived(home, odd, stranger), /\tdkim=pass /)
})

t.test('a client that goes away, a message that loops or is too big: nothing is queued', async (t) => {
  const home = await askingHome(t, { authcheck: '1\n', databytes: '20000\n' })
  await oneShot(home, bringing(text).replace(/\.\r\nQUIT.*/s, ''), stranger)
  t.match(replyToMessage(await oneShot(home, bringing(text + 'x\n'.repeat(15_000)), stranger)), /^552 /)
  t.match(replyToMessage(await oneShot(home, bringing(`${'Received: x\n'.repeat(101)}${text}`), stranger)), /^554 too many hops/)
  t.same(home.queued(), [])
  home.queueEnds('exit 53')
  t.match(replyToMessage(await oneShot(home, bringing(text), stranger)), /^451 /)
})

t.test('both forms of smtpd do the same', async (t) => {
  const home = await askingHome(t, { authcheck: '1\n' })
  t.match(await bothWays(t, home, bringing(text), { TCPREMOTEIP: '127.0.0.1' }), '250 ok')
})
