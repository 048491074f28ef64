import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCdb } from '@yabumi/cdb'
import { CdbFile } from '@yabumi/cdbfile'
import fc from 'fast-check'
import t from 'tap'
import { missing } from '../../../../test/support/programs.ts'
import { parseAssignments } from '../src/assign.ts'

const newu = join(import.meta.dirname, '../../../../bin/newu')

function home(assign?: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-newu-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'users'))
  if (assign !== undefined) writeFileSync(join(directory, 'users/assign'), assign, 'latin1')
  return directory
}

function run(directory: string): { status: number | null; stderr: string } {
  return spawnSync(newu, { env: { YABUMI_HOME: directory }, encoding: 'utf8' })
}

function records(text: string): string[][] {
  return parseAssignments(text).map((record) => record.map((bytes) => bytes.toString('latin1')))
}

t.test('newu writes what lspawn looks up', (t) => {
  const directory = home('=Joe:joe:1:2:/h:::\n+joe-:joe:1:2:/h:-:pre-:rest\n+:alias:3:4:/a:-::\n.')
  t.match(run(directory), { status: 0, stderr: '' })
  const path = join(directory, 'users/cdb')
  const users = new CdbFile(path)
  t.equal(users.find(Buffer.from('!joe\0'))?.toString(), 'joe\x001\x002\x00/h\x00\x00')
  t.equal(users.find(Buffer.from('!joe-'))?.toString(), 'joe\x001\x002\x00/h\x00-\x00pre-')
  t.equal(users.find(Buffer.from('!'))?.toString(), 'alias\x003\x004\x00/a\x00-\x00')
  t.equal(users.find(Buffer.alloc(0))?.toString(), '-')
  users.close()
  t.equal(statSync(path).mode & 0o777, 0o644)
  t.notOk(existsSync(join(directory, 'users/cdb.tmp')))
  t.end()
})

t.test('newu keeps the old table when the new one is malformed', (t) => {
  const directory = home('=joe:joe:1:2:/h:::\n')
  writeFileSync(join(directory, 'users/cdb'), 'old')
  t.match(run(directory), { status: 111, stderr: 'qmail-newu: fatal: bad format in users/assign\n' })
  t.equal(readFileSync(join(directory, 'users/cdb'), 'utf8'), 'old')
  t.end()
})

t.test('newu says which file it cannot use', (t) => {
  t.match(run(home()), { status: 111, stderr: 'qmail-newu: fatal: unable to open users/assign\n' })
  t.match(run('/nonexistent'), { status: 111, stderr: 'qmail-newu: fatal: unable to chdir\n' })
  const directory = home('.\n')
  mkdirSync(join(directory, 'users/cdb.tmp'))
  t.match(run(directory), { status: 111, stderr: 'qmail-newu: fatal: unable to open users/cdb.tmp\n' })
  const second = home('.\n')
  mkdirSync(join(second, 'users/cdb'))
  t.match(run(second), { status: 111, stderr: 'qmail-newu: fatal: unable to move users/cdb.tmp to users/cdb\n' })
  const third = home()
  mkdirSync(join(third, 'users/assign'))
  t.match(run(third), { status: 111, stderr: 'qmail-newu: fatal: unable to read users/assign\n' })
  t.end()
})

t.test('a wildcard’s last byte is noted once, in the case of the file', (t) => {
  t.equal(records('+a-:u:1:1:/:::\n+b-:u:1:1:/:::\n+cX:u:1:1:/:::\n.\n').at(-1)?.[1], '-X')
  t.same(records('+a-X:u:1:1:/:::\n.\n')[0]?.[0], '!a-x')
  t.end()
})

t.test('B3: a table that was saved with CR LF or a byte order mark is what it shows', (t) => {
  const joe = [
    ['!joe\0', 'u\x001\x001\x00/\x00\x00'],
    ['', ''],
  ]
  t.same(records('\xef\xbb\xbf=joe:u:1:1:/:::\r\n.\r\n'), joe)
  t.same(records('=joe:u:1:1:/:::\n. \n'), joe)
  t.end()
})

t.test('a malformed line is refused, wherever it stands', (t) => {
  for (const line of [
    '=joe',
    ':u:1:1:/:::',
    '=joe:u:1:1:/::',
    '=jo\0e:u:1:1:/:::',
    '',
    ' =joe:u:1:1:/:::',
    'xjoe:u:1:1:/:::',
    '# joe: u',
    '=joe:u:x:1:/:::',
    '=joe:u:1::/:::',
    '=joe:u:-1:1:/:::',
  ]) {
    t.throws(() => parseAssignments(`=a:u:1:1:/:::\n${line}\n.\n`), line)
  }
  t.throws(() => parseAssignments('=a:u:1:1:/:::'), 'no dot')
  t.throws(() => parseAssignments(''), 'nothing')
  t.same(records('.no line end'), [['', '']])
  t.end()
})

t.test('any text gives a table or is refused', (t) => {
  const pieces = fc.constantFrom('=', '+', ':', '\n', '.', 'joe', '-', '\0', '1', '\xe9', 'X')
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
      try {
        return makeCdb(parseAssignments(parts.join(''))).length >= 2048
      } catch (error) {
        return error instanceof Error
      }
    }),
    { numRuns: 3000, seed: 3 },
  )
  t.end()
})

t.test('on a terminal newu says which line is wrong, and how', { skip: missing('script') }, (t) => {
  const onTerminal = (assign?: string): string => {
    const env = { YABUMI_HOME: home(assign), PATH: '/usr/bin:/bin' }
    return spawnSync('script', ['-qec', newu, '/dev/null'], { env, encoding: 'latin1' }).stdout.replaceAll('\r', '')
  }
  const form = '=NAME:USER:UID:GID:HOME:DASH:EXTENSION:, or + in place of ='
  const bad = 'qmail-newu: fatal: bad format in users/assign\n'
  t.equal(onTerminal('=a:a:1:1:/a:::\nb\n.\n'), `${bad}  line 2 is no assignment: ${form}\n`)
  t.equal(onTerminal('=a:a:1:1:/a\n.\n'), `${bad}  line 1 has 4 fields after the name, and wants 7: ${form}\n`)
  t.equal(onTerminal('=a:a:1:1:/a:::\n'), `${bad}  the last line must be a dot\n`)
  t.equal(onTerminal(), 'qmail-newu: fatal: unable to open users/assign\n  users/assign: file does not exist\n')
  t.end()
})
