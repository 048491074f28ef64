/** explain finds mail by its Message-ID that came by SMTP and is gone, and says its whole way. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Dialogue, smtpReply } from '../../../../test/support/dialogue.ts'
import { hostName, ScratchHome } from '../../../../test/support/home.ts'
import { freePort } from '../../../../test/support/ports.ts'
import { until } from '../../../../test/support/wait.ts'

/** Supervise with its standard error in a file, where explain looks for it. */
async function running(t: Test, home: ScratchHome): Promise<{ port: number; log: string }> {
  const port = await freePort()
  const log = join(home.root, 'log')
  const fd = openSync(log, 'w')
  const child = spawn(join(home.directory, 'bin/supervise'), ['--smtp', `127.0.0.1:${port}`, '--ready-fd', '3'], {
    env: home.environment,
    stdio: ['ignore', fd, fd, 'pipe'],
    cwd: home.root,
  })
  closeSync(fd)
  const ended = once(child, 'exit')
  t.teardown(async () => {
    child.kill()
    await ended
  })
  await until('supervise is ready', () => new Promise<true>((resolve) => child.stdio[3]?.once('data', () => resolve(true))))
  return { port, log }
}

/** Say a message. @returns the reply to its final dot */
async function say(port: number, recipient: string, text: string): Promise<string> {
  const smtp = await Dialogue.open(port, smtpReply)
  for (const command of ['HELO client.example', 'MAIL FROM:<s@far.example>', `RCPT TO:<${recipient}>`, 'DATA'])
    await smtp.say(command, smtpReply)
  const reply = await smtp.say(`${text}\r\n.`, smtpReply)
  await smtp.say('QUIT', smtpReply)
  smtp.close()
  return reply
}

t.test('delivered, bounced, waiting, refused: each is found by its Message-ID, with its connection, number and deliveries', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  home.control('smtproutes', 'far.example:127.0.0.1:1\nwaits.example:127.0.0.1:1\n')
  home.control('rcpthosts', undefined)
  home.control('databytes', '1000\n')
  home.control('unknownusers', 'accept\n') // or nothing would bounce
  const { port, log } = await running(t, home)
  const explain = async (id: string): Promise<string> => (await home.run('explain', [id])).stdout
  const logs = (pattern: RegExp): Promise<RegExpExecArray> =>
    until(`${pattern} in the log`, () => pattern.exec(readFileSync(log, 'latin1')) ?? undefined)
  const came = '  came [^\\n]* by SMTP from 127\\.0\\.0\\.1 port \\d+, which called itself client\\.example; its session ended: quit\\n'

  const [, delivered] = / qp (\d+)/.exec(await say(port, `joe@${hostName}`, 'Message-ID: <delivered@x>\r\n\r\nx')) ?? []
  await logs(/message \d+, \d+ bytes: <delivered@x>\n/)
  await logs(new RegExp(`end msg ${delivered}\\n`))
  await until('it is gone', () => home.queued().length === 0)
  const done = await explain('<delivered@x>')
  t.match(done, new RegExp(`^message ${delivered} is not in the queue\\n`))
  t.match(done, '  Message-ID <delivered@x>\n')
  t.match(done, new RegExp(came))
  t.match(done, new RegExp(`local joe@${hostName}: ended\\n {4}tried [^\\n]*: success: did_1`))
  t.match(done, /finished [^\n]*, says the log\n$/)
  t.match(await explain(delivered as string), new RegExp(came), 'by its number as well')

  await say(port, `nobody@${hostName}`, 'Message-ID: <bounced@x>\r\n\r\nx')
  await logs(/bounce msg \d+ qp \d+\n/)
  await logs(/message \d+, \d+ bytes: <bounced@x>\n/)
  const bounced = await explain('<bounced@x>')
  t.match(bounced, new RegExp(came))
  t.match(bounced, /failure: Sorry,_no_mailbox_here_by_that_name/)
  t.match(bounced, /the sender has been told: bounce, qp \d+\n/)

  const [, waiting] = / qp (\d+)/.exec(await say(port, 'a@waits.example', 'Message-ID: <waiting@x>\r\n\r\nx')) ?? []
  await logs(/message \d+, \d+ bytes: <waiting@x>\n/)
  await until('it is preprocessed', () => existsSync(join(home.directory, 'queue/remote', String(Number(waiting) % 23), String(waiting))))
  await logs(/deferral/)
  const waits = await explain('<waiting@x>')
  t.match(waits, new RegExp(`^message ${waiting} is preprocessed \\(S5\\): deliveries are tried\\n`))
  t.match(waits, new RegExp(came))
  t.match(waits, /remote a@waits\.example: to do\n {4}tried [^\n]*: deferral/)

  t.match(await say(port, `joe@${hostName}`, `Message-ID: <refused@x>\r\n\r\n${'x'.repeat(2_000)}`), /^552 /)
  await logs(/: declined message: 552 [^\n]*: <refused@x>\n/)
  await logs(/end: quit, messages 0, refused 1, seconds \d+: client\.example\n/)
  t.match(
    await explain('<refused@x>'),
    /^a message with the Message-ID <refused@x> was not taken\n {2}refused [^\n]*: 552 sorry, that message size exceeds my databytes limit \(#5\.3\.4\): to 127\.0\.0\.1 port \d+, which called itself client\.example; its session ended: quit\n$/,
  )
  const json = JSON.parse((await home.run('explain', ['--json', '<delivered@x>'])).stdout)
  t.match(json, { kind: 'message', id: delivered, arrival: { address: '127.0.0.1', qp: delivered, helo: 'client.example', end: 'quit' } })
  t.match(await home.run('explain', ['<never@x>'], { reject: false }), { exitCode: 111, stderr: /nor does the log say/ })

  const copy = join(home.root, 'copy')
  writeFileSync(copy, readFileSync(log))
  t.match((await home.run('explain', ['--log', copy, '<delivered@x>'])).stdout, new RegExp(came), 'a log that is named')
})
