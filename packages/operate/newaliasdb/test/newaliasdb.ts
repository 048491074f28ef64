// newaliasdb: the databases are those of fastforward's newaliases, to the byte.
import { chownSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CdbFile } from '@yabumi/cdbfile'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { amRoot, ScratchHome, userAccount } from '../../../../test/support/home.ts'
import { missing } from '../../../../test/support/programs.ts'

const home = await ScratchHome.make(t)
for (const [name, text] of [
  ['defaulthost', 'defhost\n'],
  ['defaultdomain', 'dom.org\n'],
] as const) {
  home.control(name, text)
}

const example = `# a comment
   goes on: too
root: alice, bill
Post.Master@Heaven.AF.mil: bob@heaven.af.mil
@virt.dom: joe

  , jim
fred: "spaced out mailbox"@heaven.af.mil, Joe Shmoe <shmoe@heaven.af.mil>, bob (Bob, the postmaster)
weather: "|weather-server -a", |simple
staff: :include:/etc/staff-list
owner-list: boss@b.c
list: a@b.c
list@h: a@b
owner-list@h: "o o"@x, p@q
"quoted name": z@[192.0.2.1]
(all)@vv.dom: joe
nul: "|foo bar, baz; \\"q\\" @x"
`
/** As fastforward 0.51 makes it. */
const expected = [
  [':root@', '&bill@defhost.dom.org\0&alice@defhost.dom.org\0'],
  [':post.master@heaven.af.mil', '&bob@heaven.af.mil\0'],
  [':@virt.dom', '&jim@defhost.dom.org\0&joe@defhost.dom.org\0'],
  [':fred@', '&bob@defhost.dom.org\0&shmoe@heaven.af.mil\0&spaced out mailbox@heaven.af.mil\0'],
  [':weather@', '!simple\0!weather-server -a\0'],
  [':staff@', '/etc/staff-list.bin\0'],
  ['?list@', 'owner-list@defhost.dom.org'],
  [':owner-list@', '&boss@b.c\0'],
  [':list@', '&a@b.c\0'],
  [':list@h', '&a@b.dom.org\0'],
  ['?list@h', 'owner-list@h.dom.org'],
  [':owner-list@h', '&p@q.dom.org\0&o o@x.dom.org\0'],
  [':quoted name@', '&z@[192.0.2.1]\0'],
  [':@vv.dom', '&joe@defhost.dom.org\0'],
  [':nul@', '!foo bar, baz; "q" @x\0'],
]

function scratch(t: Test) {
  const directory = t.testdir({})
  const file = join(directory, 'aliases')
  return {
    directory,
    file,
    make: (text: string, ...args: string[]) => {
      writeFileSync(file, text, 'latin1')
      return home.run('newaliasdb', args.length > 0 ? args : [file], { reject: false })
    },
  }
}

function recordsOf(path: string): [string, string][] {
  const reader = new CdbFile(path)
  const records = [...reader.keys()].map((key): [string, string] => [key.toString('latin1'), reader.find(key)?.toString('latin1') ?? ''])
  reader.close()
  return records
}

t.test('F13: names, programs, lists and owners become the records of fastforward, in its order', async (t) => {
  const { file, directory, make } = scratch(t)
  t.match(await make(example), { exitCode: 0, stdout: '', stderr: '' })
  t.same(recordsOf(`${file}.cdb`), expected)
  t.equal(statSync(`${file}.cdb`).mode & 0o777, 0o644, 'readable for everybody')
  t.same(readdirSync(directory).sort(), ['aliases', 'aliases.cdb'])
})

t.test('a mistake is named with its line, and the old database stays', async (t) => {
  const { file, directory, make } = scratch(t)
  await make('root: alice\n')
  const old = readFileSync(`${file}.cdb`)
  for (const [text, problem] of [
    ['a: b\nroot\n', 'line 2: there is no colon behind a name'],
    ['a: b\n# x\n\nc: "d\n', 'line 4: a quoted string is not closed'],
    ['a:\n', 'line 1: a@ has no recipient'],
    ['a: b\nA: c\n', 'line 2: A@ stands in line 1 already'],
    ['a b: c\n', 'line 1: no name, name@host or @host: a b'],
    ['@: c\n', 'line 1: no name, name@host or @host: @'],
    ['a: b c\n', 'line 1: no address: b c'],
    ['a: Smith, John <j@x.y>\n', 'line 1: no address: Smith'],
    ['a: /var/mail/x\n', 'line 1: /var/mail/x is a file, to which only a .qmail can deliver: alias/.qmail-NAME of the home, for instance'],
    ['a: :include:list\n', 'line 1: the path of an :include: begins with / or ./: list'],
    [`a: ${'x'.repeat(797)}@y.z\n`, 'line 1: an address has more than 800 bytes'],
  ] as const) {
    t.match(await make(text), { exitCode: 100, stderr: `newaliasdb: ${file} ${problem}\n` })
    t.ok(readFileSync(`${file}.cdb`).equals(old), text)
  }
  t.match(await make(`a: ${'x'.repeat(796)}@y.z`), { exitCode: 0 }, '800 bytes, and a last line that does not end')
  rmSync(file)
  t.match(await home.run('newaliasdb', [file], { reject: false }), { exitCode: 111, stderr: /unable to read .*: file does not exist/ })
  t.match(await home.run('newaliasdb', [file, file], { reject: false }), { exitCode: 100 })
  t.same(readdirSync(directory), ['aliases.cdb'])
})

t.test('--include makes a list of addresses and further lists, which runs nothing', async (t) => {
  const { file, make } = scratch(t)
  t.match(await make('# c\na@b.c, d (x)\n:include:/x/y, e\n"f g"@h\n\n  k@l.m\n', '--include', file), { exitCode: 0 })
  const list = '&d@defhost.dom.org\0&a@b.c\0&e@defhost.dom.org\0/x/y.bin\0&f g@h.dom.org\0&k@l.m\0'
  t.equal(readFileSync(`${file}.bin`, 'latin1'), list)
  t.match(await make('a@b.c\n"|prog"\n', '--include', file), {
    exitCode: 100,
    stderr: `newaliasdb: ${file} line 2: a list runs no program: |prog\n`,
  })
})

t.test('root becomes the owner of the directory', { skip: !amRoot && 'only root can' }, async (t) => {
  const directory = join(home.root, 'lists')
  const file = join(directory, 'aliases')
  mkdirSync(directory)
  writeFileSync(file, 'root: alice\n', { mode: 0o600 })
  for (const path of [directory, file]) chownSync(path, userAccount.uid, userAccount.gid)
  await home.run('newaliasdb', [file])
  t.equal(statSync(`${file}.cdb`).uid, userAccount.uid)
})

t.test('printforward and setforward make the same database of ours', { skip: missing('printforward', 'setforward') }, async (t) => {
  const { file, directory, make } = scratch(t)
  await make(example)
  const ours = readFileSync(`${file}.cdb`)
  const { stdout } = await execa('printforward', [], { input: ours })
  await execa('setforward', ['theirs.cdb', 'theirs.tmp'], { cwd: directory, input: stdout })
  t.ok(readFileSync(join(directory, 'theirs.cdb')).equals(ours))
})

const asAdministrator = amRoot ? missing('qmail-newaliases', 'unshare') : 'only root can give it an /etc'

t.test('newaliases of fastforward makes the same database of the same text', { skip: asAdministrator }, async (t) => {
  const { file, directory, make } = scratch(t)
  const put = (name: string, text: string) => writeFileSync(join(directory, name), text)
  await make(example)
  for (const name of ['me', 'defaulthost', 'defaultdomain', 'plusdomain']) {
    put(name, readFileSync(join(home.directory, 'control', name), 'latin1'))
  }
  // its directories cannot be told to it
  const inside = `mount -t tmpfs none /var/lib/qmail && mkdir /var/lib/qmail/control && cp me default* plusdomain /var/lib/qmail/control && mount --bind . /etc && exec qmail-newaliases`
  await execa('unshare', ['-m', 'sh', '-c', inside], { cwd: directory, env: { PATH: `/usr/sbin:${process.env['PATH']}` } })
  const theirs = readFileSync(`${file}.cdb`)
  await make(example)
  t.ok(readFileSync(`${file}.cdb`).equals(theirs))
})

t.test('what lies where the database is written first is not written to, whoever has it', async (t) => {
  const { directory, file } = scratch(t)
  writeFileSync(file, 'root: alice\n')
  for (const plant of [symlinkSync, linkSync]) {
    writeFileSync(join(directory, 'precious'), 'precious')
    plant(join(directory, 'precious'), `${file}.tmp`)
    await home.run('newaliasdb', [file])
    t.equal(readFileSync(join(directory, 'precious'), 'latin1'), 'precious')
    t.ok(new CdbFile(`${file}.cdb`).find(Buffer.from(':root@')), 'and the database is there')
  }
})
