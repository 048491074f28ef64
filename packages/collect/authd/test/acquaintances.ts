import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { knownClientDays, knownClients } from '@yabumi/limits'
import t, { type Test } from 'tap'
import { Acquaintances } from '../src/acquaintances.ts'

const today = Math.floor(Date.now() / 86_400_000)

function open(t: Test, text?: string): { path: string; open: () => Acquaintances; troubles: unknown[] } {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-clients-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'clients')
  if (text !== undefined) writeFileSync(path, text)
  const troubles: unknown[] = []
  return { path, open: () => new Acquaintances(path, (error) => troubles.push(error)), troubles }
}

t.test('a client that has logged in well is known, to that login and to any, also after a restart', async (t) => {
  const file = open(t)
  const known = file.open()
  known.add('192.0.2.1', 'joe')
  t.same(
    [known.knows('192.0.2.1', 'joe'), known.knows('192.0.2.1', 'ann'), known.knows('192.0.2.1'), known.knows('192.0.2.2')],
    [true, false, true, false],
  )
  t.notOk(existsSync(file.path), 'it is written later')
  known.save()
  t.equal(readFileSync(file.path, 'latin1'), `${today} 192.0.2.1 joe\n`)
  t.equal(statSync(file.path).mode & 0o777, 0o600)
  t.ok(file.open().knows('192.0.2.1', 'joe'))
  t.same(file.troubles, [])
})

t.test('the last day counts, a day more does not, and what is no line is passed over', async (t) => {
  const lines = [
    `${today - knownClientDays + 1} 192.0.2.1 joe`,
    `${today - knownClientDays} 192.0.2.2 joe`,
    'x',
    '',
    '1 2',
    `${today} 2001:db8:0:1/64 a b`,
  ]
  const known = open(t, `${lines.join('\n')}\n`).open()
  t.same(
    ['192.0.2.1', '192.0.2.2', '2001:db8:0:1/64'].map((client) => known.knows(client)),
    [true, false, true],
  )
  t.ok(known.knows('2001:db8:0:1/64', 'a b'))
})

t.test('the limit is kept, and one more pushes out who logged in longest ago', async (t) => {
  const known = open(t).open()
  known.add('192.0.2.1', 'joe', today - 1)
  known.add('192.0.2.1', 'ann', today)
  for (let n = 2; n < knownClients; n += 1) known.add(`10.0.${n >> 8}.${n & 255}`, 'joe')
  t.ok(known.knows('192.0.2.1', 'joe'))
  known.add('198.51.100.1', 'joe')
  t.notOk(known.knows('192.0.2.1', 'joe'))
  t.ok(known.knows('192.0.2.1', 'ann'))
  t.ok(known.knows('192.0.2.1'))
})

t.test('a file that cannot be read or written is said, and done without', async (t) => {
  const file = open(t)
  rmSync(join(file.path, '..'), { recursive: true })
  writeFileSync(join(file.path, '..'), '') // no directory
  const known = file.open()
  known.add('192.0.2.1', 'joe')
  known.save()
  t.equal(file.troubles.length, 2)
  t.ok(known.knows('192.0.2.1'))
})
