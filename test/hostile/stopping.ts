import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Dialogue, oneLine, smtpReply, untilDot } from '../support/dialogue.ts'
import { ScratchHome } from '../support/home.ts'
import { processesOf } from '../support/processes.ts'
import type { Running } from '../support/running.ts'
import { until } from '../support/wait.ts'

/** So long that nobody waits for it: what ends before has ended by itself. */
const long = '900\n'
const message = 'From: s@x.example\nSubject: x\n\nhello\n'

/** A home with one user, whose mail a program gets; it runs, and a message is with the program. */
async function delivering(test: Test, stopTime: string, dotfile: string): Promise<{ home: ScratchHome; running: Running }> {
  const home = await ScratchHome.make(test, 'kyoma')
  home.control('stoptime', stopTime)
  home.userFile('kyoma', '.qmail', dotfile)
  const running = await home.supervise()
  await home.inject(['kyoma@mail.test.example'], message)
  await until('the program runs', () => numberIn(home, 'own') !== undefined)
  return { home, running }
}

/** The process number that a program has written into a file of the user's home. */
function numberIn(home: ScratchHome, name: string): number | undefined {
  const path = join(home.userHome('kyoma'), name)
  const text = existsSync(path) ? readFileSync(path, 'latin1') : ''
  return text.endsWith('\n') ? Number(text) : undefined
}

function runs(pid: number | undefined): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

function nobodyIsLeft(home: ScratchHome): Promise<boolean> {
  return until(
    () => `nobody is left of the home: ${processesOf(home.directory)}`,
    () => processesOf(home.directory).every((pid) => !runs(pid)),
  )
}

/** @returns the last words to a client whose session is closed */
const farewell = '-ERR [SYS/TEMP] this session ends here; no message was removed\r\n'

function lastWords(client: Dialogue): Promise<string> {
  let last: string | undefined
  void client
    .hear(() => false)
    .then((words) => {
      last = words
    })
  return until('the session is closed', () => last)
}

/** Heeds no TERM, but writes it down, and has a child that heeds none either. */
const stubborn = [
  "|trap 'echo TERM >>told' TERM; (trap '' TERM; exec sleep 1000) & echo $! >child; echo $$ >own; while :; do sleep 1; done",
  './Maildir/',
  '',
].join('\n')

t.test('a program that does not end hears TERM, is killed with its group, and its message is delivered later', async (t) => {
  const { home, running } = await delivering(t, '12\n', stubborn)
  const pids = ['own', 'child'].map((name) => numberIn(home, name))
  t.equal(await running.stop(), 0)
  t.equal(readFileSync(join(home.userHome('kyoma'), 'told'), 'latin1'), 'TERM\n')
  t.same(pids.map(runs), [false, false], 'before supervise has left')
  t.match(running.log, /send: delivery 1: deferral: \S*The_system_stops,_and_with_it_a_program:_/)
  t.notMatch(running.log, /killing what is left/)
  await nobodyIsLeft(home)
  t.equal(home.queued().length, 1)
  t.same(home.maildir('kyoma'), [], 'nothing behind the program was done')
  home.userFile('kyoma', '.qmail', './Maildir/\n')
  const again = await home.supervise()
  again.signal('SIGALRM')
  await again.emptied()
  t.equal(home.maildir('kyoma').length, 1)
})

t.test('a program may end in time, and then its message is delivered', async (t) => {
  const { home, running } = await delivering(t, long, '|echo $$ >own; until [ -e go ]; do sleep 0.1; done\n./Maildir/\n')
  const ended = running.stop()
  await until('listeners have left', () => !running.pids().has('smtpd') && !running.pids().has('popup'))
  home.userFile('kyoma', 'go', '')
  t.equal(await ended, 0)
  t.match(running.log, /send: delivery 1: success: /)
  t.equal(home.maildir('kyoma').length, 1)
  await nobodyIsLeft(home)
})

t.test('a program that is told to end says with 0 that it has done its work, and with nothing else anything', async (t) => {
  for (const code of [0, 100]) {
    const { home, running } = await delivering(t, '10\n', `|trap 'exit ${code}' TERM; echo $$ >own; sleep 1000 & wait\n`)
    t.equal(await running.stop(), 0)
    t.match(running.log, code === 0 ? /delivery 1: success: / : /delivery 1: deferral: \S*The_system_stops/)
    t.equal(home.pending().length, code === 0 ? 0 : 1, 'a bounce would be its end')
  }
})

t.test('a second TERM ends everything at once', async (t) => {
  const { home, running } = await delivering(t, long, stubborn)
  running.signal('SIGTERM')
  await until('listeners have left', () => !running.pids().has('smtpd') && !running.pids().has('popup'))
  t.equal(await running.stop(), 0)
  await nobodyIsLeft(home)
  t.equal(home.queued().length, 1)
  t.notOk(existsSync(join(home.userHome('kyoma'), 'told')), 'without a TERM')
})

t.test('what a send that was killed has left behind ends with the home', async (t) => {
  const { home, running } = await delivering(t, long, '|echo $$ >own; sleep 1000; :\n')
  const send = running.pids().get('send') as number
  process.kill(send, 'SIGKILL')
  const first = numberIn(home, 'own')
  await until('another send has the message delivered', () => ![first, undefined].includes(numberIn(home, 'own')))
  t.ok(runs(first), 'and the first program goes on')
  running.signal('SIGTERM')
  await until('listeners have left', () => !running.pids().has('smtpd') && !running.pids().has('popup'))
  t.equal(await running.stop(), 0)
  await nobodyIsLeft(home)
})

t.test('send and its programs leave within the time without supervise as well', async (t) => {
  const { home, running } = await delivering(t, '1\n', stubborn)
  const send = running.pids().get('send') as number
  process.kill(send, 'SIGTERM')
  await until('the program is gone', () => !runs(numberIn(home, 'own')) && !runs(numberIn(home, 'child')))
  t.equal(readFileSync(join(home.userHome('kyoma'), 'told'), 'latin1'), 'TERM\n')
  await until('another send runs', () => ![send, undefined].includes(running.pids().get('send')))
})

t.test('a home with nothing under way ends, however long it might take', async (t) => {
  const home = await ScratchHome.make(t, 'kyoma')
  home.control('stoptime', long)
  const running = await home.supervise()
  await home.inject(['kyoma@mail.test.example'], message)
  await running.emptied()
  const idle = await Dialogue.open(running.smtpPort, smtpReply)
  const before = await Dialogue.open(running.pop3Port, oneLine)
  const ended = running.stop()
  t.equal(await lastWords(idle), '421 shutting down, try again (#4.3.2)\r\n')
  t.equal(await lastWords(before), '-ERR [SYS/TEMP] this server is about to stop, try again later\r\n')
  t.equal(await ended, 0)
  t.match(running.log, /send: status: exiting/)
  t.notMatch(running.log, /killing|ended; /)
  await nobodyIsLeft(home)
})

t.test('a message under way by SMTP, and a reply by POP3, come to their end', async (t) => {
  const home = await ScratchHome.make(t, 'kyoma')
  home.control('stoptime', long)
  await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
  const large = `Subject: x\n\n${'x'.repeat(99).concat('\n').repeat(300_000)}`
  home.userFile('kyoma', 'Maildir/cur/1.a:2,', large)
  const running = await home.supervise()
  const logIn = async (): Promise<Dialogue> => {
    const pop = await Dialogue.open(running.pop3Port, oneLine)
    await pop.say('USER kyoma', oneLine)
    t.equal(await pop.say('PASS geheim', oneLine), '+OK \r\n')
    return pop
  }
  const [idle, reading, sending] = [await logIn(), await logIn(), await Dialogue.open(running.smtpPort, smtpReply)]
  for (const line of ['HELO h', 'MAIL FROM:<s@x.example>', 'RCPT TO:<kyoma@mail.test.example>', 'DATA']) await sending.say(line, smtpReply)
  await sending.send(Buffer.from('Subject: y\r\n\r\nsecond\r\n'))
  t.match(await reading.say('RETR 1', (heard) => heard.includes('\r\n')), /^\+OK /)
  reading.pause()
  const ended = running.stop()
  t.equal(await lastWords(idle), farewell)
  t.match(await sending.say('.', () => false), /^250 ok [^\n]+\n421 shutting down/)
  reading.resume()
  const reply = await reading.hear(untilDot)
  t.match(reply, /x\r\n(\r\n)?\.\r\n(-ERR [^\n]*\n)?$/, 'the reply is whole')
  t.equal(await ended, 0)
  t.equal(home.queued().length, 1, 'send had left before')
})
