/**
 * Bad input, one table for all programs: no argument, too many, an over-long address, NUL bytes, a closed descriptor, a directory that cannot
 * be written. Each program gives its exit code and at most one line, at once, whatever it is given.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { programsOf } from '@yabumi/manual'
import { execa } from 'execa'
import t from 'tap'
import { amRoot, checkout, ScratchHome, userAccount } from '../support/home.ts'
import { type Expected, rows } from './support/table.ts'

const seconds = 30
/** Not one of them is root's: nothing that they cannot do is done by being root. */
const as = amRoot ? userAccount : {}

/** A home of the account that runs the programs. */
const home = await ScratchHome.make(t)
/** What they are given; it can be written when the home cannot. */
const inputs = join(home.root, 'inputs')
mkdirSync(inputs)
if (amRoot) await execa('chown', ['-R', `${userAccount.uid}:${userAccount.gid}`, home.root])

interface Result {
  readonly exit: number | string
  readonly lines: string[]
}

/** Run a program with the environment that .qmail programs have. @param redirect - shell text: `0<&-` closes a descriptor */
async function run(program: string, args: readonly string[], options: { input?: string; redirect?: string } = {}): Promise<Result> {
  const { input = '', redirect = '' } = options
  const env = {
    ...home.environment,
    USER: 'joe',
    HOME: home.root,
    LOCAL: 'joe',
    HOST: 'h.example',
    EXT: '',
    RECIPIENT: 'joe@h.example',
    SENDER: 's@h.example',
    NEWSENDER: 's@h.example',
    DTLINE: 'Delivered-To: joe@h.example\n',
    RPLINE: 'Return-Path: <s@h.example>\n',
    UFLINE: 'From s@h.example Sun Jan  1 00:00:00 2026\n',
    MAILDIR: join(home.root, 'none'),
    MAIL: join(home.root, 'mbox'),
    MAILTMP: join(home.root, 'mbox.tmp'),
    // the home itself holds the programs: what they find by PATH is the machine's
    PATH: '/usr/local/bin:/usr/bin:/bin',
  }
  const file = join(home.directory, 'bin', program)
  const message = join(mkdtempSync(join(inputs, 'input-')), 'message') // local and condredirect read it twice
  writeFileSync(message, input, 'latin1')
  chmodSync(dirname(message), 0o755)
  const { exitCode, signal, timedOut, stderr } = await execa('sh', ['-c', `exec "$0" "$@" <${message} ${redirect}`, file, ...args], {
    cwd: home.root,
    env,
    extendEnv: false,
    encoding: 'latin1',
    reject: false,
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
    ...as,
  })
  return {
    exit: timedOut ? `not done in ${seconds} s` : (exitCode ?? signal ?? 'no exit code'),
    lines: stderr === '' ? [] : stderr.split('\n'),
  }
}

function compare(t: Pick<typeof import('tap').default, 'equal' | 'match'>, result: Result, { exit, line }: Expected, what: string): void {
  t.equal(result.exit, exit, `${what}: exit code`)
  if (typeof line === 'string') t.equal(result.lines.join('\n'), line, `${what}: line`)
  else {
    t.equal(result.lines.length, 1, `${what}: one line`)
    t.match(result.lines[0] ?? '', line, `${what}: line`)
  }
}

/** queue reads descriptor 1; what a test gives the others there is a pipe. */
const redirectFor = (program: string, redirect: string): string => (program === 'queue' ? `${redirect} 1</dev/null` : redirect)

t.test('every program stands in the table', async (t) => {
  const known = new Set(rows.map(({ program }) => program))
  for (const program of programsOf(checkout))
    if (!known.has(program)) t.comment(`NOT IN THE TABLE: ${program}; held to the general rule below`)
  for (const program of known) t.ok(existsSync(join(checkout, 'bin', program)), program)
})

for (const { program, bare, many, reading, long, nul } of rows) {
  t.test(`${program} with bad input`, async (t) => {
    const attempt = async (what: string, expected: Expected, args: readonly string[], input = '', redirect = '') =>
      compare(t, await run(program, args, { input, redirect: redirectFor(program, redirect) }), expected, what)
    if (bare !== undefined) {
      await attempt('no argument', bare, [])
      await attempt('descriptor 2 closed', { exit: bare.exit, line: '' }, [], '', '2>&-')
      if (program !== 'queue') await attempt('descriptor 1 closed', bare, [], '', '1>&-')
      if (reading === undefined) await attempt('descriptor 0 closed', bare, [], '', '0<&-')
    }
    if (many !== undefined) await attempt('too many arguments', many, Array<string>(40).fill('x'))
    if (reading !== undefined) {
      await attempt('descriptor 0 closed', reading[1], reading[0], '', '0<&-')
      await attempt('descriptors 0 and 2 closed', { exit: reading[1].exit, line: '' }, reading[0], '', '0<&- 2>&-')
    }
    if (long !== undefined) await attempt('an over-long address', long[2], long[0], long[1])
    if (nul !== undefined) await attempt('NUL bytes', nul[2], nul[0], nul[1])
  })
}

t.test('a program that is not in the table ends with 0, 100 or 111, and says at most one line', async (t) => {
  const known = new Set(rows.map(({ program }) => program))
  for (const program of programsOf(checkout).filter((name) => !known.has(name))) {
    for (const [what, args, redirect] of [
      ['no argument', [], ''],
      ['too many', Array<string>(40).fill('x'), ''],
      ['descriptor 0 closed', [], '0<&-'],
      ['descriptor 1 closed', [], '1>&-'],
      ['descriptor 2 closed', [], '2>&-'],
    ] as const) {
      const { exit, lines } = await run(program, args, { redirect })
      t.ok([0, 1, 2, 100, 111].includes(Number(exit)), `${program}, ${what}: exit code ${exit}`)
      t.ok(lines.length <= 1, `${program}, ${what}: ${lines.join(' / ')}`)
    }
  }
})

t.test('a directory that cannot be written', async (t) => {
  const closed: [program: string, directory: string, args: string[], input: string, expected: Expected][] = [
    [
      'inject',
      'queue/pid',
      ['a@h.example'],
      'x\n',
      { exit: 111, line: 'qmail-inject: fatal: qq trouble creating files in queue (#4.3.0)' },
    ],
    [
      'sendmail',
      'queue/pid',
      ['a@h.example'],
      'x\n',
      { exit: 111, line: 'qmail-inject: fatal: qq trouble creating files in queue (#4.3.0)' },
    ],
    ['forward', 'queue/pid', ['a@h.example'], 'x\n', { exit: 111, line: 'forward: fatal: qq trouble creating files in queue (#4.3.0)' }],
    [
      'condredirect',
      'queue/pid',
      ['a@h.example', 'true'],
      'x\n',
      { exit: 111, line: 'condredirect: fatal: qq trouble creating files in queue (#4.3.0)' },
    ],
    [
      'mailsubj',
      'queue/pid',
      ['s', 'a@h.example'],
      'x\n',
      { exit: 111, line: 'qmail-inject: fatal: qq trouble creating files in queue (#4.3.0)' },
    ],
    ['queue', 'queue/intd', [], 'x\n', { exit: 65, line: '' }],
    ['queue', 'queue/mess/0', [], 'x\n', { exit: 0, line: '' }],
    ['queue', '.', ['--listen'], '', { exit: 111, line: /^queue: unable to open .*queue\.sock\.lock: access denied; / }],
    ['newu', 'users', [], '', { exit: 111, line: 'qmail-newu: fatal: unable to open users/cdb.tmp' }],
    [
      'newmrh',
      'control',
      [],
      '',
      { exit: 111, line: /^qmail-newmrh: fatal: unable to write to control\/morercpthosts\.tmp: access denied$/ },
    ],
    ['setpassword', 'users', ['joe'], 'secret\n', { exit: 111, line: /^setpassword: .*users.*access denied/ }],
    ['config-fast', 'alias', ['h.example'], '', { exit: 111, line: /^config-fast: unable to make .*\/alias\/.*: access denied$/ }],
    ['service', '.', ['s6', './service'], '', { exit: 111, line: /^service: unable to write .*: access denied$/ }],
    ['supervise', '.', [], '', { exit: 111, line: /^supervise: unable to open .*supervise\/lock: access denied; / }],
    ['tcpok', 'queue/lock', [], '', { exit: 0, line: '' }],
    ['maildirmake', '.', ['new'], '', { exit: 111, line: 'maildirmake: fatal: unable to mkdir new: access denied' }],
  ]
  for (const [program, directory, args, input, expected] of closed) {
    await t.test(`${program}, ${directory}`, async (t) => {
      writeFileSync(join(home.directory, 'users/assign'), '.\n')
      writeFileSync(join(home.directory, 'control/morercpthosts'), 'h.example\n')
      rmSync(join(home.directory, 'alias/.qmail-root'), { force: true })
      const paths = directory === '.' ? [home.root, home.directory] : [join(home.directory, directory)]
      for (const path of paths) chmodSync(path, 0o555)
      const isQueue = program === 'queue' && args.length === 0
      if (isQueue) writeFileSync(join(home.root, 'envelope'), 'Fs@h.example\0Ta@h.example\0\0')
      const before = readdirSync(join(home.directory, 'queue/todo')).length
      const result = await run(program, args, { input, redirect: isQueue ? `1<${join(home.root, 'envelope')}` : '' })
      if (isQueue && directory !== 'queue/intd') t.ok([0, 64].includes(Number(result.exit)))
      else compare(t, result, expected, `${program}: ${directory}`)
      for (const path of paths) chmodSync(path, 0o755)
      const accepted = readdirSync(join(home.directory, 'queue/todo')).length - before
      t.equal(accepted, result.exit === 0 && isQueue ? 1 : 0, 'nothing is accepted that was refused')
    })
  }
})
