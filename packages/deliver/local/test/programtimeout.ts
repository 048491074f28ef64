import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { until } from '../../../../test/support/wait.ts'
import { TestUser } from './support/user.ts'

const message = 'From: s@x.example\n\nhello\n'

/** A user in a home whose control/programtimeout says this. */
function userWith(timeout: string | undefined, dotfile: string): TestUser {
  const user = new TestUser({ '.qmail': dotfile })
  mkdirSync(join(user.directory, 'control'))
  if (timeout !== undefined) writeFileSync(join(user.directory, 'control/programtimeout'), timeout)
  return user
}

/** Whether a process that wrote its number into a file of the user's home is there. */
function runs(user: TestUser, file: string): boolean {
  const pid = user.read(file)?.trim() ?? ''
  if (pid === '') return false // the file is there before the number
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

/** End a program that should not be there any more. */
function end(user: TestUser, file: string): void {
  if (runs(user, file)) process.kill(-Number(user.read(file)), 'SIGKILL')
}

t.test('a program that takes longer than control/programtimeout is ended with all it has started, and the delivery deferred', async (t) => {
  const user = userWith('1\n', '|sleep 1000 & echo $! >child; echo $$ >own; wait\n./Mailbox\n')
  t.match(user.deliver(message), {
    status: 111,
    stderr: 'Ended a program after 1 seconds, as control/programtimeout says: |sleep 1000 & echo $! >child; echo $$ >own; wait. (#4.3.0)\n',
  })
  t.equal(user.read('Mailbox'), undefined)
  await until('both are gone', () => !runs(user, 'own') && !runs(user, 'child'))
})

t.test('a program that does not heed TERM is killed, with its group', async (t) => {
  const user = userWith('1\n', `|trap '' TERM; sh -c "trap '' TERM; echo \\$\\$ >child; while :; do sleep 1; done" & wait; sleep 1000\n`)
  t.match(user.deliver(message), { status: 111, stderr: /^Ended a program after 1 seconds/ })
  await until('it is gone', () => !runs(user, 'child'))
})

t.test('a program in time ends as ever, and 0 or no file mean any time', async (t) => {
  for (const timeout of ['60\n', '0\n', undefined]) {
    const user = userWith(timeout, '|ps -o pgid= $$ >group; echo $$ >own; exit 99\n./Mailbox\n')
    t.match(user.deliver(message), { status: 0, stdout: 'did 0+0+1\n' })
    t.equal(user.read('group')?.trim(), user.read('own')?.trim(), 'it leads a group, so that it can be ended with all it has started')
    t.equal(userWith(timeout, '|exit 100\n').deliver(message).status, 100)
    t.match(userWith(timeout, '|kill -9 $$\n').deliver(message), { status: 111, stderr: 'Aack, child crashed. (#4.3.0)\n' })
  }
})

t.test('a control/programtimeout that is no number is named, and limits all the same', async (t) => {
  const user = userWith('an hour\n', '|ps -o pgid= $$ >group; echo $$ >own\n')
  t.match(user.deliver(message), {
    status: 0,
    stderr: 'local: control/programtimeout line 1: no number of seconds; 3600 seconds count\n',
  })
  t.equal(user.read('group')?.trim(), user.read('own')?.trim())
})

/** What runs bin/local on the user's message, started by these words. */
function deliveryScript(user: TestUser, before = ''): string {
  const input = join(user.directory, 'in')
  writeFileSync(input, message)
  const local = join(import.meta.dirname, '../../../../bin/local')
  return `exec ${before} '${local}' -- joe '${user.home}' joe '' '' h s@x ./Mailbox <'${input}'`
}

t.test('a program does not outlive a local that is killed', async (t) => {
  const user = userWith(undefined, '|echo $$ >own; sleep 1000; :\n')
  t.teardown(() => end(user, 'own'))
  const child = spawn('sh', ['-c', deliveryScript(user)], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], YABUMI_HOME: user.directory },
  })
  await until('it runs', () => runs(user, 'own'))
  child.kill('SIGKILL')
  await once(child, 'exit')
  await until('it is gone', () => !runs(user, 'own'))
})

const noStrace = spawnSync('strace', ['-V']).status === 0 ? false : 'strace is not installed'

t.test('a program that begins when local is killed does not stay', { skip: noStrace }, async (t) => {
  const user = userWith(undefined, '|echo $$ >own; kill -s KILL $PPID; sleep 1000; :\n')
  t.teardown(() => end(user, 'own'))
  // what local writes comes late, so that a program that did not wait would have begun before anybody knows of it
  const slow = 'strace -D -o /dev/null -e inject=write,writev,sendmsg:delay_enter=100000'
  const child = spawn('sh', ['-c', deliveryScript(user, slow)], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], YABUMI_HOME: user.directory },
  })
  await once(child, 'exit')
  await until('it has begun, and is gone', () => user.read('own') !== undefined && !runs(user, 'own'))
})
