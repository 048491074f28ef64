/** A message that loops ends: in a bounded number of copies, and with a bounce that says so. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hops } from '@yabumi/limits'
import t from 'tap'
import { hostName, ScratchHome } from '../support/home.ts'
import { until } from '../support/wait.ts'

t.test('every way into the queue refuses a message with too many hops, and none with one hop less', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  home.control('forbidpipelining', undefined) // a whole session comes at once
  const queue = join(home.root, 'queue')
  const kept = join(home.root, 'kept')
  writeFileSync(queue, `#!/bin/sh\ncat <&0 >/dev/null\ncat <&1 >'${kept}'\n`, { mode: 0o755 })
  const env = {
    QMAILQUEUE: queue,
    NEWSENDER: 's@x',
    SENDER: 's@x',
    DTLINE: `Delivered-To: joe@${hostName}\n`,
    TCPREMOTEIP: '127.0.0.1',
    RELAYCLIENT: '',
  }
  const netstring = (text: string): string => `${text.length}:${text},`
  const message = (count: number): string =>
    `${'Received: x\nDelivered-To: y\n'.repeat(count / 2)}${count % 2 === 1 ? 'RECEIVED: z\n' : ''}Subject: x\n\nx\n`
  const file = home.userFile('joe', '.qmail-on', '&a@b.example\n')
  const local = (text: string): string => {
    const path = home.userFile('joe', 'message', text)
    return `'${home.directory}/bin/local' -- joe '${join(file, '..')}' joe-on - on ${hostName} s@x ./Mailbox <'${path}'`
  }
  const ways: [name: string, args: string[], input: (text: string) => string][] = [
    ['inject', ['a@b.example'], (text) => text],
    ['sendmail', ['a@b.example'], (text) => text],
    ['forward', ['a@b.example'], (text) => text],
    ['condredirect', ['a@b.example', 'true'], (text) => text],
    ['qmtpd', [], (text) => netstring(`\n${text}`) + netstring('s@x') + netstring(netstring('a@b.example'))],
    ['qmqpd', [], (text) => netstring(netstring(text) + netstring('s@x') + netstring('a@b.example'))],
    ['smtpd', [], (text) => `helo x\r\nmail from:<s@x>\r\nrcpt to:<a@b.example>\r\ndata\r\n${text.replaceAll('\n', '\r\n')}.\r\nquit\r\n`],
  ]
  const looping = /too many hops, this message is looping \(#5\.4\.6\)/
  const check = (name: string, isTooMany: boolean, output: string): void => {
    t.equal(looping.test(output), isTooMany, `${name} ${isTooMany ? 'says so' : 'says nothing of it'}: ${output.slice(0, 200)}`)
    t.equal(
      existsSync(kept) && readFileSync(kept).toString().endsWith('\0\0'),
      !isTooMany,
      `${name} ${isTooMany ? 'queues nothing' : 'queues it'}`,
    )
    rmSync(kept, { force: true })
  }
  for (const count of [hops - 1, hops]) {
    for (const [name, args, input] of ways) {
      const path = join(home.root, 'input')
      writeFileSync(path, input(message(count)))
      const words = [name, ...args].map((word) => `'${word}'`).join(' ')
      const { stdout, stderr } = await home.run('preline', ['-frd', 'sh', '-c', `${words} <'${path}'`], {
        env: { ...env, UFLINE: '', RPLINE: '' },
        reject: false,
      })
      check(name, count === hops, stdout + stderr)
    }
    const { stdout, stderr } = await home.run('preline', ['-frd', 'sh', '-c', local(message(count))], {
      env: { ...env, UFLINE: '', RPLINE: '' },
      reject: false,
    })
    check('local', count === hops, stdout + stderr)
  }
})

t.test('a dotfile that forwards to two addresses of its own makes one copy and one bounce', async (t) => {
  const home = await ScratchHome.make(t, 'joe', 'ann')
  home.userFile('joe', '.qmail-default', `&joe-a@${hostName}\n&joe-b@${hostName.toUpperCase()}\n`)
  const running = await home.supervise()
  await home.inject(['-a', '-f', `ann@${hostName}`, `joe-z@${hostName}`], 'Subject: twice\n\nx\n')
  const bounces = await until('a bounce', () => {
    const mail = home.maildir('ann')
    return mail.length > 0 && home.pending().length === 0 ? mail : undefined
  })
  t.equal(bounces.length, 1)
  t.match(bounces[0], /<joe-a@[\s\S]*looping[\s\S]*<joe-b@[\s\S]*looping/)
  await running.logs(/end msg/, 3) // supervise may hand the last lines on a moment later
  t.equal(running.log.match(/new msg/g)?.length, 3, 'the message, its forward, the bounce')
})

t.test('a dotfile whose program forwards to a new address of its own each time ends', async (t) => {
  const home = await ScratchHome.make(t, 'joe', 'ann')
  home.userFile('joe', '.qmail-default', `|forward "$LOCAL-a@${hostName}"\n`)
  await home.supervise()
  await home.inject(['-a', '-f', `ann@${hostName}`, `joe-z@${hostName}`], 'Subject: deeper\n\nx\n')
  const bounces = await until('a bounce', () => {
    const mail = home.maildir('ann')
    return mail.length > 0 && home.pending().length === 0 ? mail : undefined
  })
  t.equal(bounces.length, 1)
  t.match(bounces[0], 'This message is looping: it has had 10 addresses of this user.')
})
