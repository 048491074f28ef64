import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { dkimDomainsKept, dkimKeyFileBytes, dkimKeysLookSeconds, dkimKeysOfDomain } from '@yabumi/limits'
import t, { type Test } from 'tap'
import { domainsWithKeys, keysExist, readDomainKeys, signingKeysFor } from '../src/index.ts'

const since = '2026-11-30T22:00:00Z'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string

function enterScratchHome(t: Test): void {
  process.chdir(t.testdir({ control: {} }))
  chmodSync('control', 0o755)
}

function put(domain: string, selector: string, state: string, key = rsa): void {
  mkdirSync(`control/dkim/${domain}`, { recursive: true, mode: 0o700 })
  writeFileSync(`control/dkim/${domain}/${selector}.key`, key, { mode: 0o600 })
  writeFileSync(`control/dkim/${domain}/${selector}.state`, `${state} ${since}\n`, { mode: 0o600 })
}

t.test('a key is known by its two files', async (t) => {
  enterScratchHome(t)
  t.notOk(keysExist())
  t.same(domainsWithKeys(), [])
  put('b.example', 's1', 'active')
  put('a.example', 's2', 'new', ed25519)
  writeFileSync('control/dkim/a.example/s2.state', `new ${since} seen 2026-12-01T00:00:00Z\n`)
  t.ok(keysExist())
  t.same(domainsWithKeys(), ['a.example', 'b.example'])
  t.match(readDomainKeys('b.example'), [
    { selector: 's1', state: 'active', since: Date.parse(since) / 1000, seenAt: undefined, problem: undefined },
  ])
  t.match(readDomainKeys('a.example'), [
    { state: 'new', seenAt: Date.parse('2026-12-01T00:00:00Z') / 1000, key: { asymmetricKeyType: 'ed25519' } },
  ])
  t.same(readDomainKeys('none.example'), [])
  t.same(readDomainKeys('../dkim/b.example'), [])
})

t.test('only active keys sign, RSA first, and no Ed25519 key alone', async (t) => {
  enterScratchHome(t)
  for (const [selector, state, key] of [
    ['e', 'active', ed25519],
    ['n', 'new', rsa],
    ['r', 'active', rsa],
    ['x', 'retiring', rsa],
    ['y', 'retired', rsa],
  ] as const)
    put('org.example', selector, state, key)
  put('alone.example', 'e', 'active', ed25519)
  t.same(
    signingKeysFor('org.example')?.keys.map(({ selector }) => selector),
    ['r', 'e'],
  )
  t.equal(signingKeysFor('a.b.org.example')?.keys[0]?.domain, 'org.example', 'those of the nearest domain above that has any')
  t.equal(signingKeysFor('otherorg.example'), undefined)
  t.same(signingKeysFor('alone.example')?.keys, [])
})

t.test('a key that somebody else could have written is not used', async (t) => {
  const problem = (prepare: () => void): string | undefined => {
    enterScratchHome(t)
    put('a.example', 's', 'active')
    prepare()
    return readDomainKeys('a.example')[0]?.problem
  }
  const key = 'control/dkim/a.example/s.key'
  t.equal(
    problem(() => undefined),
    undefined,
  )
  t.match(
    problem(() => chmodSync(key, 0o660)),
    /may be written by others/,
  )
  t.match(
    problem(() => chmodSync('control/dkim/a.example/s.state', 0o602)),
    /may be written by others/,
  )
  t.match(
    problem(() => chmodSync('control/dkim', 0o770)),
    /may be written by others/,
  )
  t.match(
    problem(() => {
      renameSync(key, 'elsewhere')
      symlinkSync('../../../elsewhere', key)
    }),
    /unable to read/,
  )
  t.match(
    problem(() => {
      renameSync('control/dkim/a.example', 'control/dkim/b')
      symlinkSync('b', 'control/dkim/a.example')
    }),
    /is not what it should be/,
  )
  if (process.getuid?.() === 0)
    t.match(
      problem(() => chownSync(key, 1234, 0)),
      /is not root's/,
    )
  else t.pass('root could give it to another user', { skip: 'only root can' })
})

t.test('what is no key is said', async (t) => {
  enterScratchHome(t)
  put('a.example', 'a', 'perhaps')
  put('a.example', 'b', 'active', 'nonsense')
  put(
    'a.example',
    'c',
    'active',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
  )
  put('a.example', 'd', 'active', rsa + ' '.repeat(dkimKeyFileBytes - rsa.length))
  put('a.example', 'e', 'active', rsa + ' '.repeat(dkimKeyFileBytes + 1 - rsa.length))
  t.match(
    readDomainKeys('a.example').map(({ problem }) => problem),
    [/no state/, /unable to read/, /neither RSA nor Ed25519/, undefined, /larger than a key/],
  )
})

t.test('of a domain so many keys are read', async (t) => {
  enterScratchHome(t)
  for (let i = 0; i <= dkimKeysOfDomain; i += 1) put('a.example', `s${100 + i}`, 'new')
  t.equal(readDomainKeys('a.example').length, dkimKeysOfDomain)
})

/** A clock that stands still until it is put forward. */
function stopClock(t: Test): { forward(seconds: number): void } {
  const real = performance.now
  let now = Math.ceil(performance.now() / 1000) * 1000 // a whole number: no error of rounding decides
  performance.now = () => now
  t.teardown(() => {
    performance.now = real
  })
  return {
    forward: (seconds) => {
      now += 1000 * seconds
    },
  }
}

t.test('a directory is looked at again after so many seconds', async (t) => {
  enterScratchHome(t)
  const clock = stopClock(t)
  const selectors = (): readonly string[] | undefined => signingKeysFor('look.test')?.keys.map(({ selector }) => selector)
  t.equal(selectors(), undefined)
  put('look.test', 's', 'active')
  clock.forward(dkimKeysLookSeconds - 1)
  t.equal(selectors(), undefined, 'not before')
  clock.forward(1)
  t.same(selectors(), ['s'])
})

t.test('keys of so many domains are kept; with one more they are read again', async (t) => {
  enterScratchHome(t)
  stopClock(t)
  const fresh = '../src/active.ts?fresh' // nothing is kept in it
  const { signingKeysFor: keysFor } = (await import(fresh)) as typeof import('../src/active.ts')
  t.equal(keysFor('first.test'), undefined)
  put('first.test', 's', 'active')
  for (let n = 2; n <= dkimDomainsKept; n += 1) keysFor(`d${n}.test`)
  t.equal(keysFor('first.test'), undefined, 'it is kept as it was')
  keysFor('more.test')
  t.match(keysFor('first.test')?.keys, [{ selector: 's' }])
})
