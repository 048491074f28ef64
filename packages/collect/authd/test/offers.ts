import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scramIterations, scramUnusedDays, usedLogins } from '@yabumi/limits'
import { storeEntry } from '@yabumi/password'
import { makeVerifier, verifierText } from '@yabumi/sasl'
import t, { type Test } from 'tap'
import { DayFile, today } from '../src/dayfile.ts'
import { Offers } from '../src/offers.ts'
import { Passwords } from '../src/passwords.ts'

const verifier = verifierText(await makeVerifier('x', undefined, 4096))
const before = process.cwd()

function scratch(t: Test, unverified = ''): Offers {
  const home = mkdtempSync(join(tmpdir(), 'yabumi-offers-'))
  mkdirSync(join(home, 'control'))
  process.chdir(home)
  t.teardown(() => {
    process.chdir(before)
    rmSync(home, { recursive: true })
  })
  writeFileSync('control/scram', '1\n')
  writeFileSync('unverified', unverified)
  return new Offers(new Passwords('passwords', () => undefined), 'unverified', (error) => t.fail(String(error)))
}

const withVerifier = (login: string): Promise<void> => storeEntry('passwords', login, { hash: 'h', secret: undefined, verifier })
const without = (login: string): Promise<void> => storeEntry('passwords', login, { hash: 'h', secret: undefined })

t.test('SCRAM is offered once every login has what it needs, and where control/scram asks for it', async (t) => {
  const offers = scratch(t)
  await withVerifier('joe')
  t.same(offers.mechanisms, ['SCRAM-SHA-256', 'PLAIN', 'LOGIN'])
  await without('ann')
  t.same(offers.mechanisms, ['PLAIN', 'LOGIN'], 'ann would be refused with a right password')
  await withVerifier('ann')
  t.same(offers.mechanisms[0], 'SCRAM-SHA-256')
  writeFileSync('control/scram', '0\n')
  t.same(offers.mechanisms, ['PLAIN', 'LOGIN'])
  rmSync('control/scram')
  t.same(offers.mechanisms, ['PLAIN', 'LOGIN'], 'an old home')
})

t.test('a login without it that nobody has used for long is not waited for, from the last day on', async (t) => {
  const offers = scratch(t, `${today() - scramUnusedDays} ann\n${today() - scramUnusedDays + 1} bob\n`)
  await withVerifier('joe')
  await without('ann')
  t.same(offers.mechanisms[0], 'SCRAM-SHA-256')
  await without('bob')
  t.same(offers.mechanisms[0], 'PLAIN')
  await withVerifier('bob')
  offers.used('ann')
  t.same(offers.mechanisms[0], 'PLAIN', 'there it is')
  offers.save()
  t.match(readFileSync('unverified', 'latin1'), `${today()} ann\n`)
})

t.test('a verifier with more rounds than some clients are willing to do counts as none', async (t) => {
  const offers = scratch(t)
  for (const [rounds, first] of [
    [scramIterations, 'SCRAM-SHA-256'],
    [scramIterations + 1, 'PLAIN'],
  ] as const) {
    const made = verifierText(await makeVerifier('x', undefined, rounds))
    await storeEntry('passwords', 'joe', { hash: 'h', secret: undefined, verifier: made })
    t.equal(offers.mechanisms[0], first, `${rounds} rounds`)
  }
})

t.test('CRAM-MD5 is known where a login has a secret for it, and a checker of the administrator’s has passwords alone', async (t) => {
  const offers = scratch(t)
  await storeEntry('passwords', 'joe', { hash: 'h', secret: Buffer.from('s'), verifier })
  t.same(offers.mechanisms, ['SCRAM-SHA-256', 'PLAIN', 'LOGIN', 'CRAM-MD5'])
  writeFileSync('control/checkpassword', '/bin/checkpassword\n')
  t.same(offers.mechanisms, ['PLAIN', 'LOGIN'])
})

t.test('the days of so many names are kept, and one more pushes out the one that was there longest ago', async (t) => {
  scratch(t)
  const days = new DayFile('days', { shape: /./, most: 3, days: 10, trouble: (error) => t.fail(String(error)) })
  for (const name of ['a', 'b', 'c', 'a', 'd']) days.set(name, today())
  days.set('a', today() - 1)
  t.same(
    ['a', 'b', 'c', 'd'].map((name) => days.dayOf(name) !== undefined),
    [true, false, true, true],
  )
  t.ok(usedLogins > 0)
})
