import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import t from 'tap'
import { amRoot, ScratchHome, userAccount } from '../../../../test/support/home.ts'

const home = await ScratchHome.make(t, 'kyoma', 'ann')
await home.run('setpassword', ['kyoma', '--apop'], { input: 'tanstaaf\n' })
await home.run('setpassword', ['ann'], { input: 'pass word\n' })

interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Run checkpassword with these bytes on descriptor 3; undefined: not open. */
async function check(
  credentials: string | undefined,
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = home.root,
): Promise<Outcome> {
  const child = spawn(join(home.directory, 'bin/checkpassword'), args, {
    cwd,
    env: { ...home.environment, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(credentials === undefined ? [] : ['pipe' as const])],
  })
  const pipe = child.stdio[3] as Writable | undefined
  pipe?.on('error', () => undefined)
  pipe?.end(Buffer.from(credentials ?? '', 'latin1'))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { status: await ended, stdout, stderr }
}

const right = 'kyoma\0tanstaaf\0<1.2@host>\0'

t.test('checkpassword becomes the program, as the user, in their home, with their environment', async (t) => {
  const script = 'echo $USER $HOME $SHELL $KEPT; pwd; id -u; id -G; echo "$1"; test -e /proc/self/fd/3 && echo open; exit 7'
  const { status, stdout, stderr } = await check(right, ['sh', '-c', script, 'sh', 'two  words'], { KEPT: 'yes', USER: 'other' })
  const user = home.userHome('kyoma')
  const groups = amRoot ? `${userAccount.gid}` : stdout.split('\n')[3]
  t.same({ status, stderr }, { status: 7, stderr: '' })
  t.equal(stdout, `kyoma ${user} /bin/sh yes\n${user}\n${userAccount.uid}\n${groups}\ntwo  words\n`)
})

t.test('checkpassword passes arguments on byte for byte', async (t) => {
  const words = ['caf\u00e9', "it's", '', '$HOME']
  const { stdout } = await check(right, ['sh', '-c', 'for w; do printf "<%s>" "$w"; done', 'sh', ...words])
  t.equal(stdout, words.map((word) => `<${word}>`).join(''))
})

t.test('a program with a slash is that of the directory it was named in', async (t) => {
  writeFileSync(join(home.root, 'prog'), '#!/bin/sh\npwd\n', { mode: 0o755 })
  const { status, stdout } = await check(right, ['./prog'])
  t.same({ status, stdout }, { status: 0, stdout: `${home.userHome('kyoma')}\n` })
})

t.test('a password with blanks, and an APOP digest', async (t) => {
  t.equal((await check('ann\0pass word\0\0', ['true'])).status, 0)
  const challenge = '<1896.697170952@dbc.mtview.ca.us>'
  t.equal((await check(`kyoma\0c4c9334bac560ecc979e58001b3e22fb\0${challenge}\0`, ['true'])).status, 0, 'the example of RFC 1939')
  const ofAnn = createHash('md5').update(`${challenge}pass word`).digest('hex')
  t.equal((await check(`ann\0${ofAnn}\0${challenge}\0`, ['true'])).status, 1, 'ann was stored without --apop')
  t.equal((await check(`kyoma\0c4c9334bac560ecc979e58001b3e22fb\0<1.2@other>\0`, ['true'])).status, 1)
})

t.test('a login that is not acceptable is exit code 1, without a word', async (t) => {
  for (const credentials of [
    'kyoma\0Tanstaaf\0\0',
    'kyoma\0\0\0',
    'nosuch\0tanstaaf\0\0',
    '\0tanstaaf\0\0',
    'KYOMA\0tanstaaf\0\0',
    'kyoma\0tanstaaf\n\0\0',
  ]) {
    t.same(await check(credentials, ['echo', 'let in']), { status: 1, stdout: '', stderr: '' }, JSON.stringify(credentials))
  }
})

t.test('misuse is exit code 2', async (t) => {
  for (const credentials of [
    '',
    'kyoma',
    'kyoma\0tanstaaf',
    'kyoma\0tanstaaf\0<1.2@host>',
    `kyoma\0tanstaaf\0${'x'.repeat(512)}\0`,
    undefined,
  ]) {
    const { status, stdout, stderr } = await check(credentials, ['echo', 'let in'])
    t.same({ status, stdout }, { status: 2, stdout: '' }, credentials?.slice(0, 40) ?? 'descriptor 3 not open')
    t.match(stderr, /^checkpassword: name a program, and give login, password and challenge on descriptor 3.*\n$/)
  }
  t.equal((await check(right, [])).status, 2)
})

t.test('512 bytes are read, and what follows the third NUL is nobody’s business', async (t) => {
  t.equal((await check(right.padEnd(512, 'x'), ['true'])).status, 0)
})

t.test('a pipe on descriptor 4 is still there for the program, and nothing else behind descriptor 2', async (t) => {
  const script = 'cd /proc/self/fd && for fd in *; do test "$fd" -gt 2 && readlink "$fd"; done | sed "s/:.*//" | grep -v ^/; echo reply >&4'
  const child = spawn(join(home.directory, 'bin/checkpassword'), ['sh', '-c', script], {
    env: home.environment,
    stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'pipe'],
  })
  const [third, fourth] = [child.stdio[3] as Writable, child.stdio[4] as Readable]
  third.end(right)
  if (child.stdout === null) throw new Error('no pipe')
  const [stdout, reply] = await Promise.all([text(child.stdout), text(fourth)])
  t.match(stdout, /^(socket|pipe)\n/)
  t.equal(reply, 'reply\n')
})

t.test('what cannot be said or done now is exit code 111 and one line', async (t) => {
  const trouble = async (expected: RegExp, credentials = right, args = ['echo', 'let in']) => {
    const { status, stdout, stderr } = await check(credentials, args)
    t.same({ status, stdout }, { status: 111, stdout: '' })
    t.match(stderr, expected)
  }
  await trouble(/^checkpassword: unable to run nosuchprogram\n$/, right, ['nosuchprogram'])
  await trouble(/^checkpassword: unable to run .*\/nosuchprogram\n$/, right, ['./nosuchprogram'])
  await home.run('setpassword', ['stranger'], { input: 'x\n' })
  await trouble(
    /^checkpassword: stranger has a password but no mailbox: neither users\/cdb has that name, nor an account of the system with a home of its own\n$/,
    'stranger\0x\0\0',
  )
  await home.run('setpassword', ['ann-list'], { input: 'x\n' })
  await trouble(/^checkpassword: ann-list has a password but no mailbox/, 'ann-list\0x\0\0')
  const passwords = join(home.directory, 'users/passwords')
  chmodSync(passwords, 0o644)
  await trouble(/users\/passwords is open to others \(mode 644\); say chmod 600 /)
  chmodSync(passwords, 0o600)
  rmSync(home.userHome('ann'), { recursive: true })
  await trouble(/^checkpassword: unable to go to .*\/users\/ann: file does not exist\n$/, 'ann\0pass word\0\0')
})

t.test('a session is never root’s', async (t) => {
  const other = await ScratchHome.make(t)
  await other.run('setpassword', ['boss'], { input: 'x\n' })
  const assign = (uid: number) => writeFileSync(join(other.directory, 'users/assign'), `=boss:boss:${uid}:0:${other.root}:::\n.\n`)
  const log = async () => {
    await other.run('newu')
    return check('boss\0x\0\0', ['echo', 'let in'], other.environment)
  }
  assign(0)
  t.same(await log(), { status: 1, stdout: '', stderr: 'checkpassword: boss is root, who has no mailbox\n' })
  assign(userAccount.uid + 1)
  const elsewhere = await log()
  if (amRoot) t.same(elsewhere, { status: 0, stdout: 'let in\n', stderr: '' })
  else t.same({ ...elsewhere, stderr: '' }, { status: 111, stdout: '', stderr: '' })
  if (!amRoot) t.match(elsewhere.stderr, /^checkpassword: boss has another uid \(\d+\) than this process, which is not root\n$/)
})

t.test('without a password file nobody is let in', async (t) => {
  const other = await ScratchHome.make(t, 'kyoma')
  t.notOk(existsSync(join(other.directory, 'users/passwords')))
  t.same(await check(right, ['echo', 'let in'], other.environment), { status: 1, stdout: '', stderr: '' })
})

t.test('no bytes on descriptor 3 let anybody in who has no password', async (t) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array).toString('latin1')),
    fc.array(fc.constantFrom('kyoma', '\0', 'tanstaa', 'f\n', '<1.2@host>', '\0\0'), { maxLength: 8 }).map((words) => words.join('')),
  )
  await fc.assert(
    fc.asyncProperty(bytes, async (credentials) => {
      const { status, stdout } = await check(credentials, ['echo', 'let in'])
      t.ok(status === 1 || status === 2, JSON.stringify(credentials))
      t.equal(stdout, '')
    }),
    { seed: 9, numRuns: 25 },
  )
})
