/**
 * make demo: a tour of the system in a scratch home. It runs by itself, shows every command and what came of it, removes everything
 * again and exits 0; or 1 as soon as something is not as it says.
 */
import { createHash } from 'node:crypto'
import { Dialogue, oneLine, smtpReply, untilDot } from '../support/dialogue.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { freePort } from '../support/ports.ts'
import type { Running } from '../support/running.ts'
import { startSink } from '../support/sink.ts'
import { until } from '../support/wait.ts'
import { check, command, heading, listQueue, outcome } from './report.ts'

const cleanUps: (() => unknown)[] = []
const cleaner = { teardown: (work: () => unknown) => cleanUps.push(work) }

/** Wait for a message of a user that has this text, and show its first lines. */
async function arrival(home: ScratchHome, user: string, text: string, lines: number): Promise<string> {
  const message = await until(`a message for ${user} with ${text}`, () => home.maildir(user).find((one) => one.includes(text)))
  command(`head -${lines} users/${user}/Maildir/new/*`)
  outcome(message.split('\n').slice(0, lines).join('\n'))
  return message
}

async function byInject(home: ScratchHome, running: Running): Promise<void> {
  heading('A message goes in by inject, and lands in a Maildir')
  command(`printf 'To: joe@${hostName}\\nSubject: first arrow\\n\\nhello\\n' | bin/inject -fann@${hostName}`)
  await home.inject([`-fann@${hostName}`], `To: joe@${hostName}\nSubject: first arrow\n\nhello\n`)
  const message = await arrival(home, 'joe', 'Subject: first arrow', 3)
  check(message.startsWith(`Return-Path: <ann@${hostName}>\nDelivered-To: joe@${hostName}\n`), 'the envelope is on top of the message')
  await running.emptied()
  listQueue(home.directory)
}

async function bySmtp(home: ScratchHome, running: Running): Promise<void> {
  heading("A message comes in by SMTP, and joe's .qmail-list sends it on to ann")
  home.userFile('joe', '.qmail-list', `&ann@${hostName}\n`)
  command('cat users/joe/.qmail-list')
  outcome(`&ann@${hostName}`)
  const smtp = await Dialogue.open(running.smtpPort, smtpReply)
  for (const line of ['HELO client.example', 'MAIL FROM:<far@away.example>', `RCPT TO:<joe-list@${hostName}>`, 'DATA']) {
    await smtp.say(line, smtpReply)
  }
  const reply = await smtp.say('Subject: second arrow\r\n\r\nfor the list\r\n.', smtpReply)
  await smtp.say('QUIT', smtpReply)
  smtp.close()
  command(`(SMTP on 127.0.0.1:${running.smtpPort})`)
  outcome(smtp.transcript)
  check(/^250 ok \d+ qp \d+/.test(reply), 'the message was accepted')
  const message = await arrival(home, 'ann', 'Subject: second arrow', 3)
  check(message.includes(`Delivered-To: joe-list@${hostName}`), 'it came by way of joe-list')
  await running.emptied()
  listQueue(home.directory)
}

async function toAnotherHost(home: ScratchHome, running: Running): Promise<void> {
  heading('A message for another host waits while that host is down, and goes in one transaction when it is up')
  const port = await freePort()
  home.control('smtproutes', `brl.example:127.0.0.1:${port}\n`)
  command('cat control/smtproutes')
  outcome(`brl.example:127.0.0.1:${port}`)
  command(`printf 'Subject: third arrow\\n\\nhello\\n' | bin/inject -fjoe@${hostName} god@brl.example angel@brl.example`)
  await home.inject([`-fjoe@${hostName}`, 'god@brl.example', 'angel@brl.example'], 'Subject: third arrow\n\nhello\n')
  await running.logs(/^send: delivery \d+: deferral: /m, 2)
  listQueue(home.directory)
  const sink = await startSink(() => undefined, port)
  cleaner.teardown(() => sink.close())
  command(`(the host comes up on port ${port})  kill -ALRM $supervise`)
  running.signal('SIGALRM')
  const message = await until('the message at the other host', () => sink.messages[0])
  outcome([`MAIL FROM:<${message.sender}>`, ...message.recipients.map((recipient) => `RCPT TO:<${recipient}>`), 'DATA ...'].join('\n'))
  check(sink.messages.length === 1 && message.recipients.length === 2, 'two recipients at one host are one transaction')
  await running.emptied()
  listQueue(home.directory)
}

async function bounce(home: ScratchHome): Promise<void> {
  heading('A message to nobody comes back')
  command(`printf 'Subject: lost arrow\\n\\nhello\\n' | bin/inject -fjoe@${hostName} nobody-here@${hostName}`)
  await home.inject([`-fjoe@${hostName}`, `nobody-here@${hostName}`], 'Subject: lost arrow\n\nhello\n')
  const message = await arrival(home, 'joe', 'Subject: failure notice', 26)
  check(message.includes('Sorry, no mailbox here by that name. (#5.1.1)'), 'the bounce says why')
}

function seconds(): number {
  return Math.floor(Date.now() / 1000)
}

async function byPop3(home: ScratchHome, running: Running): Promise<void> {
  heading('joe fetches his mail by POP3, and his password never crosses the wire')
  command('echo tanstaaf | bin/setpassword joe --apop')
  outcome((await home.run('setpassword', ['joe', '--apop'], { input: 'tanstaaf\n' })).stderr)
  const begun = seconds()
  await until('the second of the last arrival is over', () => seconds() > begun) // pop3d leaves out what came in the running one, as qmail's does
  const pop = await Dialogue.open(running.pop3Port, oneLine)
  cleaner.teardown(() => pop.close())
  const stamp = /<[^>]+>/.exec(pop.transcript)?.[0] ?? ''
  const digest = createHash('md5').update(`${stamp}tanstaaf`).digest('hex')
  check((await pop.say(`APOP joe ${digest}`, oneLine)) === '+OK \r\n', 'APOP lets joe in')
  await pop.say('STAT', oneLine)
  await pop.say('LIST', untilDot)
  check((await pop.say('RETR 1', untilDot)).includes('Subject: first arrow'), 'the first message is the first arrow')
  await pop.say('DELE 1', oneLine)
  await pop.say('QUIT', oneLine)
  pop.close()
  command(`(POP3 on 127.0.0.1:${running.pop3Port})`)
  outcome(pop.transcript)
  await until('the first arrow is gone', () => !home.maildir('joe').some((one) => one.includes('Subject: first arrow')))
}

async function tour(): Promise<void> {
  heading('A home is made, with two users, and everything is started')
  const home = await ScratchHome.make(cleaner, 'joe', 'ann')
  command(`YABUMI_HOME=${home.directory} bin/config-fast ${hostName}; bin/newu`)
  const running = await home.supervise()
  command(`bin/supervise --smtp 127.0.0.1:${running.smtpPort} --pop3 127.0.0.1:${running.pop3Port} &`)
  outcome([...running.pids()].map(([name, pid]) => `${name.padEnd(6)}${pid}`).join('\n'))
  listQueue(home.directory)
  await byInject(home, running)
  await bySmtp(home, running)
  await toAnotherHost(home, running)
  await bounce(home)
  await byPop3(home, running)
  heading('Everything is stopped, and the log tells the story')
  await running.emptied()
  check((await running.stop()) === 0, 'supervise leaves with exit code 0')
  outcome(running.log.replaceAll(/^(?!send: (new|info|start|deliv|bounce|end)).*\n/gm, '').replaceAll(/^send: /gm, ''))
}

try {
  await tour()
  process.stdout.write('\nEvery step came out as it says.\n')
} catch (error) {
  process.stdout.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
}
