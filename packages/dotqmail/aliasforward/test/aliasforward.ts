// aliasforward: what a database says, followed to its ends and done once.
import { chmodSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AliasCommand, commandsKey, encodeCommands, ownerKey } from '@yabumi/aliasdb'
import { makeCdb } from '@yabumi/cdb'
import { aliasListBytes } from '@yabumi/limits'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { missing } from '../../../../test/support/programs.ts'

const bin = join(import.meta.dirname, '../../../../bin/aliasforward')
const queue = join(import.meta.dirname, 'fixtures/queue')
const usage = 'aliasforward: usage: aliasforward [ -nNpPdD ] cdb'
const lines = { UFLINE: 'From s@x\n', RPLINE: 'Return-Path: <s@x>\n', DTLINE: 'Delivered-To: r@h\n' }

/** The commands of each target, and its owner behind a `?`. */
type Table = Readonly<Record<string, readonly string[]>>

/** `a@b` is an address; what else begins as in the file. */
function command(text: string): AliasCommand {
  const kind = text[0] === '|' ? 'program' : text[0] === '!' ? 'headed' : /^[./]/.test(text) ? 'list' : 'forward'
  return { kind, text: /^[|!&]/.test(text) ? text.slice(1) : text }
}

function scratch(t: Test, table: Table) {
  const directory = t.testdir({ mail: 'A: b\n\nc\n' })
  const database = join(directory, 'cdb')
  const records = Object.entries(table).flatMap(([target, texts]) => {
    const owner = texts.find((text) => text.startsWith('?'))
    const commands = texts.filter((text) => text !== owner).map((text) => command(text.replace('@DIR@', directory)))
    return [
      ...(owner === undefined ? [] : [[ownerKey(target), Buffer.from(owner.slice(1))] as const]),
      [commandsKey(target), encodeCommands(commands)] as const,
    ]
  })
  writeFileSync(database, makeCdb(records))
  const run = async (args: readonly string[], env: Record<string, string | undefined>) => {
    const { exitCode, stdout, stderr } = await execa('sh', ['-c', `exec '${bin}' "$@" <mail`, 'sh', ...args], {
      cwd: directory,
      env: { PATH: '/usr/bin:/bin', QMAILQUEUE: queue, CAPTURE: directory, SENDER: 's@x', ...lines, ...env },
      extendEnv: false,
      reject: false,
    })
    return { exit: exitCode, stdout, stderr }
  }
  return {
    directory,
    database,
    run,
    /** What -n tells of a recipient. */
    async told(recipient: string) {
      const { exit, stdout, stderr } = await run(['-n', database], { RECIPIENT: recipient })
      return exit === 0 ? stdout.split('\n') : [`${exit} ${stderr}`]
    },
    queued: () =>
      existsSync(join(directory, 'env')) ? readFileSync(join(directory, 'env'), 'latin1').split('\0').slice(0, -2) : undefined,
    file: (name: string) => readFileSync(join(directory, name), 'latin1'),
  }
}

const plain = 'from <original envelope sender>'
const nobody = '100 Sorry, no mailbox here by that name. (#5.1.1)'

t.test('F13: an address counts before its host, and that before its name; an alias within one counts by its address alone', async (t) => {
  const { told } = scratch(t, {
    'joe@h': ['1@x.y'],
    '@h': ['2@x.y', 'joe@h'],
    'joe@': ['3@x.y', 'any@h'],
    'wild@other': ['any@h'],
  })
  t.same(await told('joe@h'), [plain, 'to <1@x.y>'])
  t.same(await told('JOE@H'), [plain, 'to <1@x.y>'])
  t.same(await told('any@h'), [plain, 'to <2@x.y>', 'to <1@x.y>'])
  t.same(await told('joe@q'), [plain, 'to <3@x.y>', 'to <any@h>'])
  t.same(await told('any@q'), [nobody])
  t.same(await told('joe'), [nobody])
})

t.test('what comes again counts once; what leads to nobody but itself is no success', async (t) => {
  const { told } = scratch(t, {
    'all@h': ['a@h', 'b@h', '|log', 'x@y.z', '|log'],
    'a@h': ['x@y.z', 'all@h'],
    'b@h': ['X@y.z', 'q@y.z', '|log'],
    'loop@h': ['round@h'],
    'round@h': ['loop@h'],
    'self@h': ['self@h'],
    'own@': ['own@h', 'x@y.z'],
  })
  t.same(await told('own@h'), [plain, 'to <x@y.z>'])
  t.same(await told('all@h'), ['run |log', plain, 'to <x@y.z>', 'to <q@y.z>'])
  for (const target of ['loop@h', 'self@h'])
    t.match((await told(target))[0], new RegExp(`^111 aliasforward: fatal: .*: ${target} leads to nobody but itself$`))
})

t.test('a long chain of aliases is followed', async (t) => {
  const links = Array.from({ length: 20_000 }, (_, n) => [`a${n}@h`, [`a${n + 1}@h`]] as const)
  const { told } = scratch(t, Object.fromEntries(links))
  t.same(await told('a0@h'), [plain, 'to <a20000@h>'])
})

t.test('an alias with an owner forwards in that name; within another one it gets the message itself', async (t) => {
  const { told, run, queued, database } = scratch(t, { 'list@h': ['?owner@h', 'a@h', 'x@y.z'], 'a@h': ['list@h', 'q@y.z'] })
  t.same(await told('list@h'), ['from <owner@h>', 'to <q@y.z>', 'to <x@y.z>'])
  t.same(await told('a@h'), [plain, 'to <list@h>', 'to <q@y.z>'])
  t.match(await run([database], { RECIPIENT: 'list@h' }), { exit: 0, stdout: '', stderr: /^aliasforward: qp \d+$/ })
  t.same(queued(), ['Fowner@h', 'Tq@y.z', 'Tx@y.z'])
})

t.test('the message goes to all of them at once, behind DTLINE, also to names that need quotes', async (t) => {
  const { run, queued, file, database } = scratch(t, { 'r@h': ['a@x', 'two words@x', 'b,c@x', '"@x', 'a@x'] })
  t.match(await run([database], { RECIPIENT: 'r@h' }), { exit: 0 })
  t.same(queued(), ['Fs@x', 'Ta@x', 'Ttwo words@x', 'Tb,c@x', 'T"@x'])
  t.equal(file('mess'), `${lines.DTLINE}A: b\n\nc\n`)
  t.match(await run([database], { RECIPIENT: 'r@h', QUEUE_EXIT: '31' }), { exit: 100 })
  t.match(await run([database], { RECIPIENT: 'r@h', QUEUE_EXIT: '53' }), { exit: 111 })
})

t.test('programs run before, each with the whole message, and one that fails has nothing sent', async (t) => {
  const { run, queued, file, database } = scratch(t, {
    'r@h': ['|cat >one', '!cat >two', '|exit 99', 'a@x'],
    'soft@h': ['|exit 1', 'a@x'],
    'hard@h': ['|exit 64', 'a@x'],
    'killed@h': ['|kill $$', 'a@x'],
    'only@h': ['|cat >only'],
  })
  t.match(await run([database], { RECIPIENT: 'soft@h' }), { exit: 111, stderr: 'aliasforward: fatal: exit code 1 of |exit 1' })
  t.match(await run([database], { RECIPIENT: 'hard@h' }), { exit: 100 })
  t.match(await run([database], { RECIPIENT: 'killed@h' }), { exit: 111, stderr: 'aliasforward: fatal: child crashed' })
  t.same(await run([database], { RECIPIENT: 'only@h', SENDER: undefined, DTLINE: undefined }), { exit: 0, stdout: '', stderr: '' })
  t.equal(queued(), undefined)
  t.match(await run([database], { RECIPIENT: 'r@h' }), { exit: 0 })
  t.same([file('one'), file('two')], ['A: b\n\nc\n', `${Object.values(lines).join('')}A: b\n\nc\n`])
  t.same(queued(), ['Fs@x', 'Ta@x'])
})

t.test('a list is read for each message; one that cannot be is a deferral, and no program runs before', async (t) => {
  const { told, run, queued, directory, database } = scratch(t, { 'r@h': ['|touch ran', './list.bin', '@DIR@/list.bin', 'a@x'] })
  const list = join(directory, 'list.bin')
  const deferred = async (reason: RegExp | string) => {
    const { exit, stderr } = await run([database], { RECIPIENT: 'r@h' })
    t.same([exit, existsSync(join(directory, 'ran')), queued()], [111, false, undefined])
    t.match(stderr, reason)
  }
  await deferred('aliasforward: fatal: unable to read ./list.bin: file does not exist')
  writeFileSync(list, encodeCommands(['l@x', './list.bin', 'a@x'].map(command)), { mode: 0o644 })
  t.same(await told('r@h'), ['run |touch ran', plain, 'to <l@x>', 'to <a@x>'])
  chmodSync(list, 0o640)
  await deferred(/it is not readable for everybody/)
  chmodSync(list, 0o644)
  for (const [text, reason] of [
    ['&a@x', /commands are cut short/],
    ['a@x\0', /there is no command "a"/],
    ['|id\0', /a list runs no program/],
  ] as const) {
    writeFileSync(list, text)
    await deferred(reason)
  }
  writeFileSync(list, Buffer.alloc(aliasListBytes, '&lll@x.yyyyyyyy\0'))
  t.equal((await told('r@h')).length, 4, 'as long as it may be')
  truncateSync(list, aliasListBytes + 1)
  await deferred(/it has more than 16777216 bytes/)
})

t.test('-p leaves others to the next line, and -d takes the address from DEFAULT or EXT', async (t) => {
  const { run, database } = scratch(t, { 'joe@h': ['a@x'] })
  t.match(await run(['-p', database], { RECIPIENT: 'ann@h' }), { exit: 0, stdout: '', stderr: '' })
  t.match(await run(['-p', database], { RECIPIENT: 'joe@h' }), { exit: 99 })
  t.match(await run(['-pP', database], { RECIPIENT: 'joe@h' }), { exit: 0 })
  t.match(await run(['-nd', database], { DEFAULT: 'joe', HOST: 'h' }), { exit: 0, stdout: /to <a@x>/ })
  t.match(await run(['-ndp', database], { EXT: 'joe', HOST: 'h' }), { exit: 99, stdout: /to <a@x>/ })
  t.match(await run(['-n', '-d', database], { DEFAULT: 'joe', EXT: 'list-joe', HOST: 'h', RECIPIENT: 'list-joe@h' }), { exit: 0 })
  t.match(await run(['-d', database], { HOST: 'h' }), { exit: 100, stderr: 'aliasforward: fatal: EXT not set' })
})

t.test('what is wrong with the call, the database or the delivery says whether to try again', async (t) => {
  const { run, database, directory } = scratch(t, { 'r@h': ['a@x'], 'none@h': ['&'] })
  t.match(await run([], {}), { exit: 100, stderr: usage })
  t.match(await run(['-x', database], {}), { exit: 100, stderr: /^aliasforward: illegal option -- x\n/ })
  t.match(await run([database], {}), { exit: 100, stderr: 'aliasforward: fatal: RECIPIENT not set' })
  t.match(await run([database], { RECIPIENT: 'r@h', DTLINE: undefined }), { exit: 100, stderr: 'aliasforward: fatal: DTLINE not set' })
  t.match(await run(['nofile'], { RECIPIENT: 'r@h' }), { exit: 111, stderr: /unable to read nofile: file does not exist/ })
  t.match(await run([database], { RECIPIENT: 'none@h' }), { exit: 100, stderr: /no address/ }, 'nobody is no success')
  writeFileSync(join(directory, 'short'), readFileSync(database).subarray(0, 2_050))
  t.match(await run(['short'], { RECIPIENT: 'r@h' }), { exit: 111, stderr: /cdb file is damaged/ })
})

t.test('fastforward tells the same of our databases and its own', { skip: missing('fastforward', 'setforward') }, async (t) => {
  const text = `root@h: a@b.c, joe@h, |prog\\ x;
joe@h: j1@x.y, ann@h, a@b.c;
own@h: ?o@h, in1@q.r, joe@h, a@b.c;
own2@h: own@h, in1@q.r, ?o2@h;
@wild.dom: w@x.y, root@h;
star@: s@x.y, joe@h;
`
  const { directory, told } = scratch(t, {})
  await execa('setforward', ['cdb', 'tmp'], { cwd: directory, input: text })
  for (const recipient of ['root@h', 'ROOT@H', 'own@h', 'own2@h', 'some@wild.dom', 'star@any', 'no@where']) {
    const { all, exitCode } = await execa('fastforward', ['-n', 'cdb'], {
      cwd: directory,
      env: { RECIPIENT: recipient },
      all: true,
      reject: false,
    })
    const theirs = exitCode === 0 ? all.split('\n') : [`${exitCode} ${all}`]
    t.same((await told(recipient)).sort(), theirs.sort(), recipient)
  }
})
