/** qrm on a system that runs, on one that does not, and beside deliveries. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import type { Running } from '../../../../test/support/running.ts'
import { until } from '../../../../test/support/wait.ts'

const from = ['-fjoe@mail.test.example']
const text = 'Subject: x\n\ny\n'

/** A home whose mail to far.example is deferred at once. */
async function homeOf(t: Test): Promise<ScratchHome> {
  const home = await ScratchHome.make(t, 'joe')
  home.control('smtproutes', 'far.example:127.0.0.1:1\n')
  return home
}

/** Queue a message to hosts that do not answer, and wait until it has been tried. @returns its number */
async function deferred(home: ScratchHome, running: Running, ...recipients: string[]): Promise<string> {
  const before = running.log.length
  await home.inject([...from, ...recipients], text)
  await until('every recipient is deferred', () => running.log.slice(before).split(': deferral: ').length - 1 >= recipients.length)
  const id = /new msg (\d+)/.exec(running.log.slice(before))?.[1] as string
  await until('it is preprocessed', () => existsSync(fileOf(home, 'info', id)))
  return id
}

function fileOf(home: ScratchHome, directory: string, id: string): string {
  return join(home.directory, 'queue', directory, String(Number(id) % 23), id)
}

async function sound(t: Test, home: ScratchHome): Promise<void> {
  const { exitCode, stdout } = await home.run('qcheck', [], { reject: false })
  t.match({ exitCode, stdout }, { exitCode: 0, stdout: /nothing inconsistent/ })
}

t.test('without --yes nothing is removed, and it is said what would be', async (t) => {
  const home = await homeOf(t)
  const running = await home.supervise({ smtp: [], pop3: [] })
  const id = await deferred(home, running, 'a@far.example', 'b@far.example')
  const { stdout } = await home.run('qrm', ['--recipient', 'a@far.example'])
  t.match(stdout, new RegExp(`^would remove #${id} .* to a@far.example; 1 other recipients stay\n1 message; --yes does it\n$`))
  t.same(home.pending(), [id])
  await running.stop()
})

t.test('a message is removed under a send that runs, by send itself, and named', async (t) => {
  const home = await homeOf(t)
  const running = await home.supervise({ smtp: [], pop3: [] })
  const id = await deferred(home, running, 'a@far.example', 'b@far.example')
  const other = await deferred(home, running, 'c@far.example')
  const { stdout } = await home.run('qrm', ['--yes', '--recipient', '*@far.example', id])
  t.equal(stdout, `removed msg ${id} from <joe@mail.test.example> to a@far.example b@far.example\n1 message removed\n`)
  await running.logs(new RegExp(`end msg ${id}`))
  await until('it is gone', () => !home.queued().includes(id))
  t.same(home.pending(), [other])
  t.notMatch(running.log, /warning|alert|bounce msg/)
  await sound(t, home)
  await running.stop()
})

t.test('one recipient is removed, and the others are tried as before', async (t) => {
  const home = await homeOf(t)
  const running = await home.supervise({ smtp: [], pop3: [] })
  const id = await deferred(home, running, 'a@far.example', 'b@far.example')
  t.match(
    (await home.run('qrm', ['--yes', '--recipient', 'a@far.example'])).stdout,
    `removed msg ${id} from <joe@mail.test.example> to a@far.example; 1 other`,
  )
  const attempts = (box: string): number => running.log.split(`to remote ${box}@far.example`).length - 1
  await until('the other is tried', () => attempts('b') > 1)
  t.equal(attempts('a'), 1)
  t.match((await home.run('qread')).stdout, /\n {2}done\tremote\ta@far.example\n\tremote\tb@far.example\n$/)
  await running.stop()
})

t.test('with --bounce the sender hears of it', async (t) => {
  const home = await homeOf(t)
  const running = await home.supervise({ smtp: [], pop3: [] })
  const id = await deferred(home, running, 'a@far.example')
  await home.run('qrm', ['--yes', '--bounce', id])
  await running.logs(new RegExp(`bounce msg ${id} qp`))
  const [bounce] = await until('the bounce is delivered', () => home.maildir('joe').length === 1 && home.maildir('joe'))
  t.match(bounce, /\n<a@far.example>:\nThe administrator has removed this message from the queue. \(#5.7.1\)\n\n/)
  await running.emptied()
  await sound(t, home)
  await running.stop()
})

t.test('what is being delivered is left alone, and said to be', async (t) => {
  const home = await homeOf(t)
  const go = join(home.userHome('joe'), 'go')
  home.userFile('joe', '.qmail', `|touch ${go}.begun; while [ ! -e ${go} ]; do sleep 0.05; done\n./Maildir/\n`)
  const running = await home.supervise({ smtp: [], pop3: [] })
  await home.inject([...from, 'joe@mail.test.example', 'a@far.example'], text)
  await until('the delivery has begun', () => statSync(`${go}.begun`, { throwIfNoEntry: false }) !== undefined)
  const [id = ''] = home.queued()
  const { exitCode, stdout } = await home.run('qrm', ['--yes', '--bounce', id], { reject: false })
  t.match({ exitCode, stdout }, { exitCode: 111, stdout: `#${id} is being delivered; it stays\n0 messages removed\n` })
  home.userFile('joe', 'go', '')
  await until('it is delivered', () => home.maildir('joe').length === 1)
  t.match((await home.run('qrm', ['--yes', id])).stdout, `removed msg ${id} from <joe@mail.test.example> to a@far.example\n`)
  await running.emptied()
  t.notMatch(running.log, 'bounce msg')
  await running.stop()
})

t.test('while no send runs, messages go at once, whether preprocessed or not', async (t) => {
  const home = await homeOf(t)
  const running = await home.supervise({ smtp: [], pop3: [] })
  await deferred(home, running, 'a@far.example')
  await running.stop()
  await home.inject([...from, 'b@far.example'], text)
  t.match((await home.run('qrm', ['--yes', '--all'])).stdout, /2 messages removed\n$/)
  const queue = join(home.directory, 'queue')
  for (const directory of ['intd', 'todo', 'bounce', 'pid']) t.same(readdirSync(join(queue, directory)), [])
  for (const directory of ['mess', 'info', 'local', 'remote']) {
    t.same(
      readdirSync(join(queue, directory)).flatMap((part) => readdirSync(join(queue, directory, part))),
      [],
    )
  }
})

t.test('while no send runs, --bounce and single recipients are left for the next one to finish', async (t) => {
  const home = await homeOf(t)
  let running = await home.supervise({ smtp: [], pop3: [] })
  const id = await deferred(home, running, 'a@far.example', 'b@far.example')
  await running.stop()
  await home.run('qrm', ['--yes', '--recipient', 'a@far.example', id])
  await home.run('qrm', ['--yes', '--bounce', id])
  await sound(t, home)
  running = await home.supervise({ smtp: [], pop3: [] })
  const [bounce] = await until('the bounce is delivered', () => home.maildir('joe').length === 1 && home.maildir('joe'))
  t.match(bounce, '<b@far.example>')
  t.notMatch(bounce, '<a@far.example>')
  await running.emptied()
  t.notMatch(running.log, 'to remote')
  await running.stop()
})

t.test('messages that come and go meanwhile are not touched', async (t) => {
  const home = await homeOf(t)
  const running = await home.supervise({ smtp: [], pop3: [] })
  const count = 30
  const sending = Promise.all(Array.from({ length: count }, () => home.inject([...from, 'joe@mail.test.example', 'x@far.example'], text)))
  for (let round = 0; round < 4; round += 1) await home.run('qrm', ['--yes', '--domain', 'far.example'], { reject: false })
  await sending
  await until('every message has reached joe', () => home.maildir('joe').length === count)
  await until('the rest is removed', async () => {
    await home.run('qrm', ['--yes', '--domain', 'far.example'], { reject: false })
    return home.queued().length === 0
  })
  t.equal(home.maildir('joe').length, count)
  t.notMatch(running.log, /warning|alert|bounce msg/)
  await sound(t, home)
  await running.stop()
})
