import crypto, { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import {
  type Entry,
  findEntry,
  givePasswords,
  hashPassword,
  loginTrouble,
  matches,
  passwordPath,
  passwordTrouble,
  storeEntry,
} from '../src/index.ts'

const secret = Buffer.from('tanstaaf')
const challenge = Buffer.from('<1896.697170952@dbc.mtview.ca.us>')
const nobody = Buffer.alloc(0)
// one slow hash for all tests that need one
const hash = await hashPassword(secret)

function scratch(content?: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-password-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'passwords')
  if (content !== undefined) writeFileSync(path, content, { encoding: 'latin1', mode: 0o600 })
  return path
}

t.test('a password matches its hash and nothing else does', async (t) => {
  const entry: Entry = { hash, secret: undefined }
  t.ok(await matches(entry, secret, nobody))
  t.notOk(await matches(entry, Buffer.from('tanstaaF'), nobody))
  t.notOk(await matches(entry, nobody, nobody))
  t.notOk(await matches(undefined, secret, nobody))
})

t.test('two hashes of one password differ, and neither shows it', async (t) => {
  const other = await hashPassword(secret)
  t.not(hash, other)
  t.match(hash, /^\$scrypt\$ln=\d+,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  t.notMatch(hash, 'tanstaaf')
})

t.test('the APOP digest of RFC 1939 matches where the secret is kept, and only there', async (t) => {
  const digest = Buffer.from('c4c9334bac560ecc979e58001b3e22fb')
  t.ok(await matches({ hash, secret }, digest, challenge))
  t.notOk(await matches({ hash, secret: undefined }, digest, challenge))
  t.notOk(await matches({ hash, secret }, digest, Buffer.from('<1.2@other>')))
  t.notOk(await matches({ hash, secret: Buffer.from('other') }, digest, challenge))
  const upper = Buffer.from(digest.toString().toUpperCase())
  t.notOk(await matches({ hash, secret }, upper, challenge))
  t.ok(await matches({ hash, secret }, secret, challenge), 'the password still does')
})

t.test('a damaged hash matches nothing', async (t) => {
  for (const damaged of [
    '',
    'x',
    '*',
    '$scrypt$',
    hash.slice(0, -30),
    hash.replace('ln=15', 'ln=1'),
    `${hash}$`,
    '$scrypt$ln=1,r=1,p=1$AAAA$A',
    '$6$a$b',
  ]) {
    t.notOk(await matches({ hash: damaged, secret: undefined }, secret, nobody), damaged)
  }
})

t.test('a hash that asks for all memory is trouble, not an outage', async (t) => {
  await t.rejects(matches({ hash: hash.replace('ln=15', 'ln=30'), secret: undefined }, secret, nobody))
})

t.test('findEntry reads the line of exactly this login', async (t) => {
  const path = scratch(`# who:may\n:x\njoe:h1\n\njoe-2:h2:${secret.toString('base64')}\njoe:h3\nJoe:h4\nj\xf6e:h5\n`)
  t.same(findEntry(path, 'joe'), { hash: 'h1', secret: undefined })
  t.same(findEntry(path, 'joe-2'), { hash: 'h2', secret })
  t.same(findEntry(path, 'Joe'), { hash: 'h4', secret: undefined })
  t.same(findEntry(path, 'j\xf6e'), { hash: 'h5', secret: undefined })
  for (const absent of ['', 'jo', 'JOE', '# who', '#', 'joe:h1', 'joe\n']) t.equal(findEntry(path, absent), undefined, absent)
  t.equal(findEntry(scratch(), 'joe'), undefined, 'no file, no login')
})

t.test('a password file that others may read is refused', async (t) => {
  for (const mode of [0o640, 0o604, 0o644, 0o620]) {
    const path = scratch('joe:h\n')
    chmodSync(path, mode)
    t.throws(() => findEntry(path, 'joe'), { message: `${path} is open to others (mode ${mode.toString(8)}); say chmod 600 ${path}` })
  }
})

t.test('storeEntry adds or replaces one line and leaves the others', async (t) => {
  const path = scratch('# kept\nann:a\njoe:old\nj\xf6e:x\n')
  await storeEntry(path, 'joe', { hash, secret })
  await storeEntry(path, 'new', { hash: 'n', secret: undefined })
  t.equal(readFileSync(path, 'latin1'), `# kept\nann:a\nj\xf6e:x\njoe:${hash}:dGFuc3RhYWY=\nnew:n\n`)
  t.same(findEntry(path, 'joe'), { hash, secret })
  t.equal(statSync(path).mode & 0o7777, 0o600)
  t.notOk(existsSync(`${path}.new`))
})

t.test('storeEntry replaces what an earlier crash has left, whatever its mode', async (t) => {
  const path = scratch()
  writeFileSync(`${path}.new`, 'a long rest of an interrupted change\n'.repeat(9), { mode: 0o644 })
  await storeEntry(path, 'joe', { hash: 'h', secret: undefined })
  t.equal(readFileSync(path, 'latin1'), 'joe:h\n')
  t.equal(statSync(path).mode & 0o7777, 0o600)
})

t.test('changes at the same time are all kept', async (t) => {
  const path = scratch()
  const logins = Array.from({ length: 20 }, (_, index) => `user${index}`)
  await Promise.all(logins.map((login) => storeEntry(path, login, { hash: `h-${login}`, secret: undefined })))
  for (const login of logins) t.same(findEntry(path, login), { hash: `h-${login}`, secret: undefined })
})

t.test('any login and secret that the rules allow come back as they were stored', async (t) => {
  const path = scratch()
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 80 }).map((array) => Buffer.from(array))
  await fc.assert(
    fc.asyncProperty(bytes, bytes, async (login, stored) => {
      const name = login.toString('latin1')
      fc.pre(loginTrouble(name) === undefined && passwordTrouble(stored) === undefined)
      await storeEntry(path, name, { hash, secret: stored })
      t.same(findEntry(path, name), { hash, secret: stored })
    }),
    { seed: 2, numRuns: 50, maxSkipsPerRun: 10_000 },
  )
})

t.test('no text of a password file makes a look-up fail', async (t) => {
  const path = scratch('')
  const lines = fc.array(fc.oneof(fc.constantFrom('joe', ':', '::', '#', '\n', '$scrypt$', 'ln=1'), fc.string({ unit: 'binary' })), {
    maxLength: 30,
  })
  await fc.assert(
    fc.asyncProperty(lines, async (words) => {
      writeFileSync(path, words.join(''), 'latin1')
      const entry = findEntry(path, 'joe')
      if (entry !== undefined) t.notOk(await matches({ hash: entry.hash, secret: entry.secret }, createHash('md5').digest(), challenge))
    }),
    { seed: 3, numRuns: 200 },
  )
})

t.test('a login or password that could not be used is named as such', async (t) => {
  for (const login of ['', 'a b', 'a:b', '#a', 'a\nb', 'a\0b', 'a\x7fb', 'a'.repeat(255)])
    t.type(loginTrouble(login), 'string', JSON.stringify(login))
  for (const login of ['a', 'kyoma', 'joe@example.org', 'j\xf6e', 'a#', 'a'.repeat(254)]) t.equal(loginTrouble(login), undefined, login)
  for (const text of ['', 'a\0', 'a'.repeat(129)]) t.type(passwordTrouble(Buffer.from(text)), 'string')
  t.equal(passwordTrouble(Buffer.from('a'.repeat(128))), undefined)
})

/** What matches() calls, and with which parameters. */
async function callsOf(entry: Entry | undefined, sent: Buffer, digestOf: Buffer | undefined): Promise<unknown[]> {
  const calls: unknown[] = []
  const real = { scrypt: crypto.scrypt, createHash: crypto.createHash, timingSafeEqual: crypto.timingSafeEqual }
  const watch = (name: keyof typeof real, shown: (args: unknown[]) => unknown): void => {
    const call = real[name] as (...args: unknown[]) => unknown
    Object.assign(crypto, { [name]: (...args: unknown[]) => calls.push([name, shown(args)]) && call(...args) })
  }
  watch('scrypt', ([, salt, length, options]) => [(salt as Buffer).length, length, options])
  watch('createHash', ([algorithm]) => algorithm)
  watch('timingSafeEqual', ([one, other]) => [(one as Buffer).length, (other as Buffer).length])
  syncBuiltinESMExports()
  try {
    t.equal(await matches(entry, sent, digestOf), false)
  } finally {
    Object.assign(crypto, real)
    syncBuiltinESMExports()
  }
  return calls
}

t.test('a login that does not exist makes the same calls with the same parameters as a wrong password', async (t) => {
  const digest = Buffer.from('0'.repeat(32))
  for (const [sent, digestOf] of [
    [Buffer.from('wrong'), undefined],
    [Buffer.from('wrong'), challenge],
    [digest, challenge],
  ] as const) {
    const unknown = await callsOf(undefined, sent, digestOf)
    t.same(unknown.filter((call) => (call as unknown[])[0] === 'scrypt').length, 1)
    t.same(unknown, await callsOf({ hash, secret: undefined }, sent, digestOf), 'of a login without APOP')
    t.same(unknown, await callsOf({ hash, secret }, sent, digestOf), 'of one with it')
  }
})

t.test('the digest is a password nowhere but where there is a challenge', async (t) => {
  t.notOk(await matches({ hash, secret }, Buffer.from('c4c9334bac560ecc979e58001b3e22fb'), undefined))
})

t.test('a link or a FIFO in the place of the password file is not read', async (t) => {
  const path = scratch('joe:h\n')
  symlinkSync(path, `${path}.link`)
  t.throws(() => findEntry(`${path}.link`, 'joe'), { message: /unable to read .*\.link: symbolic link loop/ })
  t.throws(() => findEntry(join(path, '..'), 'joe'), { message: /is no file$/ })
})

t.test('the passwords of a home are in users/, and the auth account’s once it has them', async (t) => {
  const home = scratch().replace(/passwords$/, '')
  mkdirSync(join(home, 'users'))
  t.equal(passwordPath(home), join(home, 'users/passwords'))
  writeFileSync(join(home, 'users/passwords'), 'joe:h\n', { mode: 0o600 })
  mkdirSync(join(home, 'state/auth'), { recursive: true })
  t.equal(passwordPath(home), join(home, 'users/passwords'), 'while they are still there')
  rmSync(join(home, 'users/passwords'))
  t.equal(passwordPath(home), join(home, 'state/auth/passwords'))
})

t.test('root gives the passwords to the auth account, whole, once', { skip: process.getuid?.() !== 0 && 'only root can' }, async (t) => {
  const home = scratch().replace(/passwords$/, '')
  const auth = { uid: 61_001, gid: 61_002 }
  const [old, own] = [join(home, 'users/passwords'), join(home, 'state/auth/passwords')]
  chmodSync(home, 0o755)
  mkdirSync(join(home, 'users'))
  writeFileSync(old, 'joe:h\n', { mode: 0o600 })
  const before = process.cwd()
  process.chdir(home)
  try {
    t.equal(givePasswords(auth), true)
    t.same([readFileSync(own, 'latin1'), existsSync(old)], ['joe:h\n', false])
    const { uid, gid, mode } = statSync(own)
    t.same({ uid, gid, mode: mode & 0o7777 }, { ...auth, mode: 0o600 })
    t.match(statSync(join(home, 'state/auth')), { uid: auth.uid, gid: auth.gid })
    t.equal(statSync(join(home, 'state/auth')).mode & 0o777, 0o700)
    t.equal(givePasswords(auth), false, 'there is nothing more to give')
    writeFileSync(old, 'joe:h\n', { mode: 0o600 })
    givePasswords(auth)
    t.same([readFileSync(own, 'latin1'), existsSync(old)], ['joe:h\n', false], 'what a crash has left goes')
    writeFileSync(old, 'ann:h\n', { mode: 0o600 })
    t.throws(() => givePasswords(auth), { message: /both .* and .* are there, and they differ: remove the one that shall not count/ })
    t.same([readFileSync(own, 'latin1'), readFileSync(old, 'latin1')], ['joe:h\n', 'ann:h\n'], 'no password is lost')
    t.same([process.getuid?.(), process.geteuid?.(), process.getegid?.()], [0, 0, 0])
  } finally {
    process.chdir(before)
  }
})
