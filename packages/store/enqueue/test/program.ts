import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openSubmission } from '../src/index.ts'

const home = realpathSync(t.testdir({}))
process.env['YABUMI_HOME'] = home

/** A queue program: keeps what it is given, says and exits as the environment tells. */
const keeper = `#!/bin/sh
pwd >where
echo $# "$0" >arguments
cat >message
cat <&1 >envelope
printf '%s' "$SAY" >&6
exit $CODE
`

function install(name: string, script: string): void {
  writeFileSync(join(home, name), script)
  chmodSync(join(home, name), 0o755)
}

function environment(program: string, more: Record<string, string> = {}): ReadonlyMap<string, string> {
  return new Map(Object.entries({ PATH: process.env['PATH'] ?? '', QMAILQUEUE: program, CODE: '0', SAY: '', ...more }))
}

function kept(name: string): string {
  return readFileSync(join(home, name), 'latin1')
}

install('keeper', keeper)

t.test('a queue program gets message and envelope, in the home, with nothing but its name', async (t) => {
  const submission = openSubmission({ environment: environment('keeper') })
  submission.write(Buffer.from('Subject: s\n\n'))
  submission.write(Buffer.from('caf\xe9\n', 'latin1'))
  const outcome = await submission.finish('s@x', ['r@y', 'b\xe9@z'])
  t.match(outcome, { verdict: 'K', text: '', qp: /^[1-9]\d*$/ })
  t.equal(kept('message'), 'Subject: s\n\ncaf\xe9\n')
  t.equal(kept('envelope'), 'Fs@x\0Tr@y\0Tb\xe9@z\0\0')
  t.equal(kept('where'), `${home}\n`)
  t.equal(kept('arguments'), '0 ./keeper\n')
})

t.test('a queue program may open its descriptors by name, as pipes', async (t) => {
  install('opener', '#!/bin/sh\ncat </dev/fd/0 >message; cat </dev/fd/1 >envelope\n')
  const submission = openSubmission({ environment: environment('./opener') })
  submission.write(Buffer.from('x\n'))
  t.equal((await submission.finish('', [])).verdict, 'K')
  t.equal(kept('envelope'), 'F\0\0')
})

t.test('a large message and envelope go through, waiting for the program', async (t) => {
  const submission = openSubmission({ environment: environment('keeper') })
  const chunk = Buffer.alloc(100_000, 'line\n')
  let waited = 0
  for (let i = 0; i < 50; i += 1) {
    if (submission.write(chunk)) continue
    waited += 1
    await submission.drained()
  }
  t.ok(waited > 0)
  const recipients = Array.from({ length: 100_000 }, (_, i) => `user${i}@example.com`)
  t.equal((await submission.finish('s', recipients)).verdict, 'K')
  t.equal(kept('message').length, 5_000_000)
  t.equal(kept('envelope'), `Fs\0${recipients.map((recipient) => `T${recipient}\0`).join('')}\0`)
})

t.test('the exit code and the text on descriptor 6 are the outcome', async (t) => {
  const outcome = async (code: string, say: string) => {
    const submission = openSubmission({ environment: environment('keeper', { CODE: code, SAY: say }) })
    return submission.finish('s', ['r'])
  }
  t.match(await outcome('53', ''), { verdict: 'Z', text: 'qq write error or disk full (#4.3.0)' })
  t.match(await outcome('31', 'Dsomething else'), { verdict: 'D', text: 'mail server permanently rejected message (#5.3.0)' })
  t.match(await outcome('82', 'Dno such thing (#5.7.1)'), { verdict: 'D', text: 'no such thing (#5.7.1)' })
  t.match(await outcome('88', 'Dno such thing (#5.7.1)'), { verdict: 'D', text: 'no such thing (#5.7.1)' })
  t.match(await outcome('82', `Z${'x'.repeat(1000)}`), { verdict: 'Z', text: 'x'.repeat(254) })
})

t.test('descriptor 6 need not be closed, unless its text counts', async (t) => {
  install('daemon', '#!/bin/sh\ncat >/dev/null; cat <&1 >/dev/null; sleep 60 </dev/null >/dev/null 2>&1 & echo $! >pid; exit 0\n')
  t.equal((await openSubmission({ environment: environment('daemon') }).finish('s', [])).verdict, 'K')
  process.kill(Number(kept('pid')))
})

t.test('a queue program that a signal ends has crashed', async (t) => {
  install('suicide', '#!/bin/sh\nkill -9 $$\n')
  t.match(await openSubmission({ environment: environment('suicide') }).finish('s', []), { verdict: 'Z', text: 'qq crashed (#4.3.0)' })
})

t.test('a queue program that says 0 without reading is not believed', async (t) => {
  install('liar', '#!/bin/sh\nexit 0\n')
  const submission = openSubmission({ environment: environment('liar') })
  for (let i = 0; i < 100; i += 1) if (!submission.write(Buffer.alloc(65_536))) await submission.drained()
  t.match(await submission.finish('s', ['r']), { verdict: 'Z', text: 'qq read error (#4.3.0)' })
})

t.test('a message taken back has an envelope that does not count', async (t) => {
  const submission = openSubmission({ environment: environment('keeper') })
  submission.write(Buffer.from('x\n'))
  t.match(await submission.abandon(), { verdict: 'Z', text: 'qq read error (#4.3.0)' })
  t.equal(kept('envelope'), '')
})

t.test('an address with a NUL is never another recipient', async (t) => {
  const submission = openSubmission({ environment: environment('keeper') })
  t.match(await submission.finish('s', ['r\0Tother']), { verdict: 'Z' })
  t.notMatch(kept('envelope'), 'other')
  t.notOk(kept('envelope').endsWith('\0\0'))
})

t.test('a queue program that cannot be run is temporary trouble', async (t) => {
  writeFileSync(join(home, 'notexecutable'), keeper)
  for (const program of ['nothing', './nothing', '', 'notexecutable', 'sh']) {
    const outcome = await openSubmission({ environment: environment(program) }).finish('s', ['r'])
    t.match(outcome, { verdict: 'Z', text: 'unable to exec qq (#4.3.0)' }, `QMAILQUEUE=${program}`)
  }
})

t.test('a home that is gone is trouble in the home directory', async (t) => {
  renameSync(home, `${home}.away`)
  t.teardown(() => renameSync(`${home}.away`, home))
  t.match(await openSubmission({ environment: environment('./keeper') }).finish('s', []), { text: 'qq trouble in home directory (#4.3.0)' })
})

t.test('without QMAILQUEUE and socket the program is bin/queue of the home', async (t) => {
  mkdirSync(join(home, 'bin'))
  install('bin/queue', '#!/bin/sh\ncat >viabin; cat <&1 >/dev/null\n')
  const submission = openSubmission({ environment: new Map([['PATH', process.env['PATH'] ?? '']]) })
  submission.write(Buffer.from('x\n'))
  t.equal((await submission.finish('s', ['r'])).verdict, 'K')
  t.ok(existsSync(join(home, 'viabin')))
})
