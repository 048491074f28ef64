/** daily itself, with scripts in the place of programs. */
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dailySaidBytes } from '@yabumi/limits'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { until } from '../../../../test/support/wait.ts'

const program = join(import.meta.dirname, '../../../../bin/daily')

function home(t: Test, scripts: Record<string, string>, daily: string): string {
  const directory = t.testdir({ control: { me: 'mail.example.org\n', daily } })
  mkdirSync(join(directory, 'bin'))
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(directory, 'bin', name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(directory, 'bin', name), 0o755)
  }
  return directory
}

/** Say that lines were done long ago. */
function missed(directory: string, ...lines: string[]): void {
  mkdirSync(join(directory, 'state/daily'), { recursive: true })
  const others = runs(directory)
    .split('\n')
    .filter((line) => line !== '' && !lines.some((each) => line.endsWith(` ${each}`)))
  writeFileSync(join(directory, 'state/daily/runs'), [...others, ...lines.map((line) => `1 ${line}`), ''].join('\n'))
}

function start(t: Test, directory: string) {
  const child = execa(program, [], { env: { YABUMI_HOME: directory }, reject: false, buffer: false })
  let log = ''
  child.stderr.on('data', (text: Buffer) => {
    log += text.toString('latin1')
  })
  t.teardown(async () => {
    child.kill('SIGTERM')
    await child
  })
  return {
    log: () => log,
    stop: async () => {
      child.kill('SIGTERM')
      return (await child).exitCode
    },
  }
}

const did = (directory: string): string => (existsSync(join(directory, 'did')) ? readFileSync(join(directory, 'did'), 'utf8') : '')
const runs = (directory: string): string =>
  existsSync(join(directory, 'state/daily/runs')) ? readFileSync(join(directory, 'state/daily/runs'), 'utf8') : ''

t.test('what was missed is done at the start, one at a time, and not again; what is new waits', async (t) => {
  const script = 'echo "begin $0 $*" >>did; [ "$1" != wait ] || until [ -e go ]; do sleep 0.05; done; echo "end $0" >>did; exit $2'
  const directory = home(t, { one: script, two: script }, '00:00 one wait 3\n00:00 two $HOME 0\n00:00 new\n')
  missed(directory, 'one wait 3', 'two $HOME 0')
  const first = start(t, directory)
  await until('one begins', () => did(directory) === 'begin bin/one wait 3\n')
  writeFileSync(join(directory, 'go'), '')
  await until(
    () => `both are done: ${did(directory)} ${first.log()}`,
    () => (runs(directory).match(/^[0-9]{13} /gm) ?? []).length === 3,
  )
  t.equal(did(directory), 'begin bin/one wait 3\nend bin/one\nbegin bin/two $HOME 0\nend bin/two\n', 'no shell reads the line')
  t.match(first.log(), 'daily: one wait 3: ended with 3\n')
  t.notMatch(first.log(), /two|new/)
  t.equal(await first.stop(), 0)

  appendFileSync(join(directory, 'control/daily'), '00:00 three\n')
  missed(directory, 'three')
  const second = start(t, directory)
  await until('what cannot be run is named', () => second.log().includes('daily: three: unable to run it: '))
  t.equal(did(directory).split('\n').length, 5, 'the others are not done again')
})

t.test('TERM ends the program under way, which is begun anew at the next start', async (t) => {
  const directory = home(t, { long: 'echo began >>did; sleep 1000' }, '00:00 long\n')
  missed(directory, 'long')
  const first = start(t, directory)
  await until('it begins', () => did(directory) === 'began\n')
  t.equal(await first.stop(), 0)
  t.equal(runs(directory), '1 long\n')
  start(t, directory)
  await until('it begins anew', () => did(directory) === 'began\nbegan\n')
})

t.test('postmaster hears that a program has begun to fail, with its last words, and that it ends well again', async (t) => {
  const long = `printf '%${dailySaidBytes}s' last`
  const script = `echo first; ${long}; echo >>did; ! [ -e bad ]`
  const directory = home(t, { one: script, inject: 'cat >>letters; echo . >>letters' }, '00:00 one\n')
  writeFileSync(join(directory, 'bad'), '')
  const letters = (): string[] =>
    existsSync(join(directory, 'letters')) ? readFileSync(join(directory, 'letters'), 'latin1').split('\n.\n').slice(0, -1) : []
  /** One more day. */
  const day = async (): Promise<void> => {
    missed(directory, 'one')
    const before = did(directory).length
    const running = start(t, directory)
    await until(
      () => `it is done: ${running.log()}`,
      () => did(directory).length > before && /^[0-9]{13} one$/m.test(runs(directory)) && !/^1 one$/m.test(runs(directory)),
    )
    await running.stop()
    t.match(running.log(), 'first', 'the log has all of it')
  }
  await day()
  t.equal(letters().length, 1)
  t.match(letters()[0], /^From: postmaster \(daily\)\nTo: postmaster\nSubject: one has failed\n\none: ended with 1\. /)
  t.match(letters()[0], / last$/)
  t.notMatch(letters()[0], 'first', 'no more than the end of it')
  await day()
  t.equal(letters().length, 1, 'once is enough')
  rmSync(join(directory, 'bad'))
  await day()
  t.match(letters()[1], /\nSubject: one ends well again\n/)
  await day()
  t.equal(letters().length, 2)
})
