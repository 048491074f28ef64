/** The path of a message, end to end: in by inject and by SMTP; out to a Maildir, an mbox, a program, a forward, another host; and by POP3. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Dialogue, oneLine, sendMail, untilDot } from '../support/dialogue.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { freePort, hasIpv6 } from '../support/ports.ts'
import { startSink } from '../support/sink.ts'
import { until } from '../support/wait.ts'

const home = await ScratchHome.make(t, 'joe', 'ann')
const sink = await startSink((recipient) => (recipient.startsWith('gone@') ? '550 no such user' : undefined))
t.teardown(() => sink.close())
home.control('smtproutes', `:127.0.0.1:${sink.port}\n`)
const running = await home.supervise()

t.test('inject: a message arrives in the Maildir, with Return-Path, Delivered-To and Received on top', async (t) => {
  await home.inject(['-fann@client.example', `joe@${hostName}`], 'Subject: by inject\n\nhello\n')
  const text = await until('a message for joe', () => home.maildir('joe').find((one) => one.includes('Subject: by inject')))
  const [first, second, third] = text.split('\n')
  t.equal(first, 'Return-Path: <ann@client.example>')
  t.equal(second, `Delivered-To: joe@${hostName}`)
  t.match(third, /^Received: \(qmail \d+ invoked by uid \d+\); /)
  t.match(text, /\n\nhello\n$/)
})

t.test('inject: recipients come from the header, and Bcc never leaves', async (t) => {
  await home.inject(['-H'], `To: joe@${hostName}\nBcc: ann@${hostName}\nSubject: from the header\n\nx\n`)
  for (const user of ['joe', 'ann']) {
    const text = await until(`a message for ${user}`, () => home.maildir(user).find((one) => one.includes('Subject: from the header')))
    t.notMatch(text, /^Bcc:/m)
  }
})

t.test('smtpd: a message arrives in the Maildir, and the reply leads to the log line', async (t) => {
  const reply = await sendMail(running.smtpPort, 'kyoma@blue.example', [`joe@${hostName}`], 'Subject: by SMTP\n\n.dot\n')
  const qp = /^250 ok \d+ qp (\d+)\r\n$/.exec(reply)?.[1]
  t.ok(qp, reply)
  const text = await until('a message for joe', () => home.maildir('joe').find((one) => one.includes('Subject: by SMTP')))
  t.match(
    text,
    /^Return-Path: <kyoma@blue\.example>\nDelivered-To: joe@mail\.test\.example\nReceived: \(qmail \d+ invoked from network\); /,
  )
  t.match(text, /\nReceived: from .*client\.example.*127\.0\.0\.1\)\n {2}by mail\.test\.example with SMTP; /)
  t.match(text, /\n\n\.dot\n$/)
  await running.logs(new RegExp(`^send: info msg \\d+: bytes \\d+ from <kyoma@blue.example> qp ${qp} `, 'm'))
})

t.test('smtpd: a recipient elsewhere is refused', async (t) => {
  t.match(await sendMail(running.smtpPort, 'a@b.example', ['c@d.example'], 'x\n'), /^553 /)
})

t.test('.qmail: an mbox, a program and a forward, in one file', async (t) => {
  home.userFile('joe', '.qmail-all', `./Mbox\n|cat > program-output; echo "$SENDER $EXT" > program-variables\n&ann@${hostName}\n`)
  await home.inject(['-fjoe@client.example', `joe-all@${hostName}`], 'Subject: three ways\n\nFrom here\n')
  await until('a message for ann', () => home.maildir('ann').find((one) => one.includes('Subject: three ways')))
  const mbox = readFileSync(join(home.userHome('joe'), 'Mbox'), 'latin1')
  t.match(mbox, /^From joe@client\.example .*\nReturn-Path: <joe@client\.example>\nDelivered-To: joe-all@mail\.test\.example\n/)
  t.match(mbox, /\n\n>From here\n\n$/)
  t.match(readFileSync(join(home.userHome('joe'), 'program-output'), 'latin1'), /\n\nFrom here\n$/)
  t.equal(readFileSync(join(home.userHome('joe'), 'program-variables'), 'latin1'), 'joe@client.example all\n')
  await running.logs(/^send: delivery \d+: success: did_1\+1\+1\/qp_\d+\/$/m)
})

t.test('remote: two recipients at one host get one transaction', async (t) => {
  await home.inject(['-fjoe@client.example', 'god@brl.example', 'angel@brl.example'], 'Subject: far away\n\nhello\n')
  const message = await until('a message at the next host', () => sink.messages.find((one) => one.text.includes('Subject: far away')))
  t.same([...message.recipients].sort(), ['angel@brl.example', 'god@brl.example'])
  t.equal(message.sender, 'joe@client.example')
})

t.test('a refused recipient comes back to the sender as a bounce', async (t) => {
  await home.inject([`-fjoe@${hostName}`, 'gone@brl.example'], 'Subject: to nobody\n\noriginal text\n')
  const bounce = await until('a bounce for joe', () => home.maildir('joe').find((one) => one.includes('Subject: failure notice')))
  t.match(bounce, /^Return-Path: <>\n/)
  t.match(bounce, /<gone@brl\.example>:\n127\.0\.0\.1 does not like recipient\.\nRemote host said: 550 no such user\n/)
  t.match(bounce, /Subject: to nobody\n\noriginal text\n/)
})

t.test('a user who does not exist bounces, and so does nothing else', async (t) => {
  await home.inject([`-fann@${hostName}`, `nobody-here@${hostName}`, `joe@${hostName}`], 'Subject: half wrong\n\nx\n')
  const bounce = await until('a bounce for ann', () => home.maildir('ann').find((one) => one.includes('Subject: failure notice')))
  t.match(bounce, /<nobody-here@mail\.test\.example>:\nSorry, no mailbox here by that name\. \(#5\.1\.1\)/)
  t.ok(home.maildir('joe').some((one) => one.includes('Subject: half wrong')))
})

t.test('popup and pop3d: USER and PASS, the mail, and DELE', async (t) => {
  await home.run('setpassword', ['ann', '--apop'], { input: 'secret of ann\n' })
  const count = home.maildir('ann').length
  // a message of this very second is not listed yet
  const pop = await until(`${count} messages for ann`, async () => {
    const session = await Dialogue.open(running.pop3Port, oneLine)
    await session.say('USER ann', oneLine)
    if ((await session.say('PASS secret of ann', oneLine)) !== '+OK \r\n') throw new Error(session.transcript)
    if ((await session.say('STAT', oneLine)).startsWith(`+OK ${count} `)) return session
    session.close()
    return undefined
  })
  t.match(await pop.say('RETR 1', untilDot), /^\+OK \r\nReturn-Path: /)
  await pop.say('DELE 1', oneLine)
  t.equal(await pop.say('QUIT', oneLine), '+OK \r\n')
  pop.close()
  await until('one message less', () => home.maildir('ann').length === count - 1)
})

t.test('popup: APOP with the digest of the greeting and the secret; a wrong one is refused', async (t) => {
  const login = async (secret: string): Promise<string> => {
    const pop = await Dialogue.open(running.pop3Port, oneLine)
    const stamp = /<[^>]+>/.exec(pop.transcript)?.[0] ?? ''
    const digest = createHash('md5').update(`${stamp}${secret}`).digest('hex')
    const reply = await pop.say(`APOP ann ${digest}`, oneLine)
    pop.close()
    return reply
  }
  t.equal(await login('secret of ann'), '+OK \r\n')
  t.match(await login('another secret'), /^-ERR /)
})

t.test('deferred mail is tried again at once when supervise gets ALRM', async (t) => {
  home.userFile('joe', '.qmail-later', '|test -e arrived-later || exit 111; cat >> arrived-later\n')
  await home.inject([`joe-later@${hostName}`], 'Subject: later\n\nx\n')
  await running.logs(/^send: delivery \d+: deferral: /m)
  home.userFile('joe', 'arrived-later', '')
  running.signal('SIGALRM')
  const arrived = () => readFileSync(join(home.userHome('joe'), 'arrived-later'), 'latin1')
  t.ok(await until('the second attempt', () => arrived().includes('Subject: later')))
})

t.test('locals are read again when supervise gets HUP', async (t) => {
  home.control('locals', `${hostName}\nsecond.example\n`)
  home.control('rcpthosts', `${hostName}\nsecond.example\n`)
  running.signal('SIGHUP')
  await until('a message for joe at his second domain', async () => {
    await home.inject(['joe@second.example'], 'Subject: second domain\n\nx\n')
    return home.maildir('joe').some((one) => one.includes('Delivered-To: joe@second.example'))
  })
  t.pass()
})

t.test('the queue is empty when everything has been delivered', async (t) => {
  await running.emptied()
  for (const directory of ['todo', 'intd', 'bounce']) t.notOk(existsSync(join(home.directory, 'queue', directory, '0')))
})

t.test('[::1] serves as well as 127.0.0.1', { skip: !(await hasIpv6()) && 'this machine has no ::1' }, async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const port = await freePort()
  const running = await home.supervise({ smtp: [`127.0.0.1:${port}`, `[::1]:${port}`], pop3: [`[::1]:${await freePort('::1')}`] })
  t.match(await sendMail(port, 'a@b.example', [`joe@${hostName}`], 'Subject: six\n\nx\n', '::1'), /^250 /)
  await until('a message for joe', () => home.maildir('joe').find((one) => one.includes('Subject: six')))
  const pop = await Dialogue.open(running.pop3Port, oneLine, '::1')
  t.match(pop.transcript, /^\+OK /)
  pop.close()
})

t.test('supervise leaves nothing running when it is told to leave', async (t) => {
  const pids = [...running.pids().values()]
  t.equal(await running.stop(), 0)
  for (const pid of pids) t.notOk(existsSync(`/proc/${pid}`), `process ${pid} is gone`)
  t.notOk(existsSync(join(home.directory, 'queue.sock')))
})
