import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'

const bin = join(import.meta.dirname, '../../../../bin/qbiff')
const terminal = join(import.meta.dirname, 'fixtures/terminal.py')

/** What qbiff writes to a terminal of its own making, in a world with a file of logins of its own. */
async function shown(message: string, ...settings: string[]): Promise<string> {
  const { stdout } = await execa('unshare', ['-m', 'python3', terminal, bin, ...settings], {
    input: Buffer.from(message, 'latin1'),
    encoding: 'buffer',
    stripFinalNewline: false,
  })
  return Buffer.from(stdout).toString('latin1')
}

const possible = await execa('unshare', ['-m', 'python3', '-c', ''], { reject: false }).then(({ exitCode }) => exitCode === 0)
const skip = !possible && 'only root can have a file of logins of its own, with python3'

t.test('a message is announced by bell, addresses and the beginning of its text', { skip }, async (t) => {
  t.equal(
    await shown('From: a\nSubject: hello\n there\n\nbody\nmore\n'),
    '\r\n\x07*** TO <joe-x> FROM <s@x>\r\n    hello/ there//body/more/\r\n',
  )
  t.equal(await shown(`\n${'x'.repeat(100)}\n`), `\r\n\x07*** TO <joe-x> FROM <s@x>\r\n    /${'x'.repeat(73)}\r\n`)
})

t.test('no message sends the terminal a command', { skip }, async (t) => {
  t.equal(
    await shown('Subject: \x1b]0;x\x07\n\n\x9b31m\x7f\0\n', 'SENDER=\x1b[2J@x'),
    '\r\n\x07*** TO <joe-x> FROM <_[2J@x>\r\n    /]0;x////31m///\r\n',
  )
})

t.test('terminals of others, and those that want to be left alone, are', { skip }, async (t) => {
  t.equal(await shown('\nb', 'mode=620'), '')
  t.equal(await shown('\nb', 'owner=65534'), '')
  t.equal(await shown('\nb', 'name=ann'), '')
  t.equal(await shown('\nb', 'line=../dev/@'), '')
  t.equal(await shown('\nb', 'line=/dev/@'), '')
})

t.test('whatever is missing, the exit code is 0', async (t) => {
  const run = (env: Record<string, string>) => execa(bin, [], { env, extendEnv: false, input: 'A: b\n' })
  const path = { PATH: '/usr/bin:/bin' }
  for (const env of [path, { ...path, USER: 'joe', SENDER: '' }, { ...path, USER: 'nobody-at-all', SENDER: 's@x', LOCAL: 'joe' }]) {
    t.match(await run(env), { exitCode: 0, stdout: '', stderr: '' })
  }
})
