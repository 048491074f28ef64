import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCdb } from '@yabumi/cdb'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { AddressList } from '../src/addresslist.ts'
import { matches } from '../src/pattern.ts'
import { ValidRecipients } from '../src/validrecipients.ts'

type Records = readonly (readonly [key: string, data: string])[]

function cdbOf(records: Records): Buffer {
  return makeCdb(records.map(([key, data]): [Buffer, Buffer] => [Buffer.from(key), Buffer.from(data)]))
}

/** Be in a home with these control files; a cdb is given by its records. */
function enter(t: Test, controls: Record<string, string | Records>): void {
  const home = mkdtempSync(join(tmpdir(), 'lists-'))
  const before = process.cwd()
  mkdirSync(join(home, 'control'))
  for (const [name, content] of Object.entries({ me: 'here.example\n', ...controls })) {
    writeFileSync(join(home, 'control', name), typeof content === 'string' ? content : cdbOf(content))
  }
  process.chdir(home)
  t.teardown(() => {
    process.chdir(before)
    rmSync(home, { recursive: true })
  })
}

const entries = ['joe@spam.example', '@bad.example', '.evil.example']

function seesEntries(t: Test, list: AddressList | undefined): void {
  const listed = (address: string): boolean | undefined => list?.has(address)
  for (const address of [
    'joe@spam.example',
    'JOE@Spam.Example',
    'x@bad.example',
    'a@b@bad.example',
    'x@a.evil.example',
    'x@a.b.evil.example',
  ]) {
    t.equal(listed(address), true, address)
  }
  for (const address of ['jo@spam.example', 'x@sub.bad.example', 'x@evil.example', 'x@notevil.example', 'bad.example', '', 'x@', '@']) {
    t.equal(listed(address), false, address)
  }
}

t.test('an address list has addresses, @domain and .domain, in the text', async (t) => {
  enter(t, { bad: `# mine\n\n${entries.join('\n')}\n` })
  seesEntries(t, AddressList.read('bad', false))
})

t.test('an address list has the same in a cdb', async (t) => {
  enter(t, { 'bad.cdb': entries.map((entry) => [entry, ''] as const) })
  seesEntries(t, AddressList.read('bad', false))
})

t.test('an address list is the text and the cdb together, and there is none without both', async (t) => {
  enter(t, { bad: 'a@x\n', 'bad.cdb': [['b@x', '']] })
  const list = AddressList.read('bad', false)
  t.same(
    ['a@x', 'b@x', 'c@x'].map((address) => list?.has(address)),
    [true, true, false],
  )
  t.equal(AddressList.read('worse', false), undefined)
})

t.test('a list names the entry that decided, and its file', async (t) => {
  enter(t, {
    bad: '@x\n/*.old@y\n',
    'bad.cdb': [['.z', '']],
    validrcptto: 'a-default@x\n-b@x\n/*.no@x\n',
    'validrcptto.cdb': [['@y', '-']],
  })
  const bad = AddressList.read('bad', true)
  t.same(
    ['J@X', 'a.OLD@y', 'j@a.z', 'j@z'].map((address) => bad?.entryFor(address)),
    [{ file: 'bad', entry: '@x' }, { file: 'bad', entry: '/*.old@y' }, { file: 'bad.cdb', entry: '.z' }, undefined],
  )
  const valid = ValidRecipients.read()
  t.same(
    ['a-b-c@x', 'b@x', 'c.no@x', 'c@y', 'c@x'].map((address) => valid?.decide(address)),
    [
      { accepts: true, entry: { file: 'validrcptto', entry: 'a-default@x' } },
      { accepts: false, entry: { file: 'validrcptto', entry: '-b@x' } },
      { accepts: false, entry: { file: 'validrcptto', entry: '/*.no@x' } },
      { accepts: false, entry: { file: 'validrcptto.cdb', entry: '@y' } },
      { accepts: false, entry: undefined },
    ],
  )
})

t.test('a line with a slash is a pattern only where there are patterns', async (t) => {
  enter(t, { bad: '/*.x@y\n' })
  t.equal(AddressList.read('bad', true)?.has('A.X@y'), true)
  t.equal(AddressList.read('bad', false)?.has('a.x@y'), false)
  t.equal(AddressList.read('bad', false)?.has('/*.x@y'), true)
})

t.test('a damaged cdb is trouble, not an answer', async (t) => {
  enter(t, { 'bad.cdb': 'no cdb' })
  t.throws(() => AddressList.read('bad', false)?.has('a@x'), {
    status: '4.3.0',
    message: 'unable to read control/bad.cdb: cdb file is damaged',
  })
})

t.test('a pattern matches what the same regular expression does', async () => {
  const letters = (chars: string): fc.Arbitrary<string> =>
    fc.array(fc.constantFrom(...chars), { maxLength: 8 }).map((list) => list.join(''))
  fc.assert(
    fc.property(letters('ab*?.'), letters('ab.'), (pattern, text) => {
      const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')
      return matches(pattern, text) === new RegExp(`^${source}$`).test(text)
    }),
    { seed: 4, numRuns: 3_000 },
  )
})

t.test('a pattern made of stars does not hold up anybody', async (t) => {
  t.equal(matches(`${'*a'.repeat(200)}*b`, 'a'.repeat(899)), false)
})

/** What ValidRecipients says of each address. */
function verdicts(addresses: string[]): Record<string, boolean | undefined> {
  const list = ValidRecipients.read()
  return Object.fromEntries(addresses.map((address) => [address, list?.has(address)]))
}

const looked = {
  'joe@here.example': true,
  'JOE@Here.Example': true,
  joe: true,
  'jo@here.example': false,
  'joe-x@here.example': false,
  'list-x@here.example': true,
  'list-x-y@here.example': true,
  'list-closed@here.example': false,
  'list-owner-x@here.example': false,
  'list@here.example': false,
  'wild-x@here.example': true,
  'anybody@all.example': true,
  'nobody@all.example': false,
  'x@sub.all.example': false,
  'joe@elsewhere.example': false,
  '': false,
}

t.test('validrcptto: the most special entry decides, in the text', async (t) => {
  const lines = ['joe@here.example', 'list-default@here.example', '-list-closed@here.example', '-list-owner-default@here.example']
  enter(t, { validrcptto: [...lines, 'wild-@here.example', '@all.example', '-nobody@all.example'].join('\n') })
  t.same(verdicts(Object.keys(looked)), looked)
})

t.test('validrcptto: the most special entry decides, in the cdb', async (t) => {
  enter(t, {
    'validrcptto.cdb': [
      ['joe@here.example', ''],
      ['list-default@here.example', 'anything'],
      ['list-closed@here.example', '-'],
      ['list-owner-default@here.example', '- closed'],
      ['wild-@here.example', ''],
      ['@all.example', ''],
      ['nobody@all.example', '-'],
    ],
  })
  t.same(verdicts(Object.keys(looked)), looked)
})

t.test('validrcptto: for the same key the text counts, and a special key of either before a general one of the other', async (t) => {
  enter(t, {
    validrcptto: '-a@x\n@x\n-@y\n',
    'validrcptto.cdb': [
      ['a@x', ''],
      ['b@x', '-'],
      ['c@y', ''],
    ],
  })
  t.same(verdicts(['a@x', 'b@x', 'c@x', 'c@y', 'd@y']), { 'a@x': false, 'b@x': false, 'c@x': true, 'c@y': true, 'd@y': false })
})

t.test('validrcptto: a pattern refuses whatever else is listed', async (t) => {
  enter(t, { validrcptto: '@x\n/*.spam?@x\n', 'validrcptto.cdb': [['a.spam1@x', '']] })
  t.same(verdicts(['a@x', 'a.spam1@x', 'A.SPAM2@X', 'a.spam22@x']), {
    'a@x': true,
    'a.spam1@x': false,
    'A.SPAM2@X': false,
    'a.spam22@x': true,
  })
})

t.test('validrcptto: an empty list knows nobody, no list asks nobody, and a cdb that has gone is trouble', async (t) => {
  enter(t, { validrcptto: '' })
  t.equal(ValidRecipients.read()?.has('a@x'), false)
  rmSync('control/validrcptto')
  t.equal(ValidRecipients.read(), undefined)
  writeFileSync('control/validrcptto.cdb', makeCdb([]))
  const list = ValidRecipients.read()
  t.equal(list?.has('a@x'), false)
  rmSync('control/validrcptto.cdb')
  t.throws(() => list?.has('a@x'), { status: '4.3.0', message: 'control/validrcptto.cdb has gone' })
})

t.test('validrcptto: a thousand hyphens are looked up at the last ones only', async (t) => {
  enter(t, { validrcptto: 'a-default@x\n' })
  t.equal(ValidRecipients.read()?.has(`a${'-b'.repeat(64)}@x`), true)
  t.equal(ValidRecipients.read()?.has(`a${'-b'.repeat(65)}@x`), false)
})
