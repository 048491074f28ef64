import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { type Entry, findEntry, hashPassword, loginTrouble, matches, passwordTrouble, storeEntry } from '../src/index.ts'

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
const secret = Buffer.from('tanstaaf')
const challenge = Buffer.from('<1896.697170952@dbc.mtview.ca.us>')
const nobody = Buffer.alloc(0)
// one slow hash for all tests that need one
const hash = hashPassword(secret)

function scratch(content?: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-password-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'passwords')
  if (content !== undefined) writeFileSync(path, content, { encoding: 'latin1', mode: 0o600 })
  return path
}

t.test('a password matches its hash and nothing else does', async (t) => {
  const entry: Entry = { hash, secret: undefined }
  t.ok(matches(entry, secret, nobody))
  t.notOk(matches(entry, Buffer.from('tanstaaF'), nobody))
  t.notOk(matches(entry, nobody, nobody))
  t.notOk(matches(undefined, secret, nobody))
})

t.test('two hashes of one password differ, and neither shows it', async (t) => {
  const other = hashPassword(secret)
  t.not(hash, other)
  t.match(hash, /^\$scrypt\$ln=\d+,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  t.notMatch(hash, 'tanstaaf')
})

t.test('the APOP digest of RFC 1939 matches where the secret is kept, and only there', async (t) => {
  const digest = Buffer.from('c4c9334bac560ecc979e58001b3e22fb')
  t.ok(matches({ hash, secret }, digest, challenge))
  t.notOk(matches({ hash, secret: undefined }, digest, challenge))
  t.notOk(matches({ hash, secret }, digest, Buffer.from('<1.2@other>')))
  t.notOk(matches({ hash, secret: Buffer.from('other') }, digest, challenge))
  const upper = Buffer.from(digest.toString().toUpperCase())
  t.notOk(matches({ hash, secret }, upper, challenge))
  t.ok(matches({ hash, secret }, secret, challenge), 'the password still does')
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
    t.notOk(matches({ hash: damaged, secret: undefined }, secret, nobody), damaged)
  }
})

t.test('a hash that asks for all memory is trouble, not an outage', async (t) => {
  t.throws(() => matches({ hash: hash.replace('ln=15', 'ln=30'), secret: undefined }, secret, nobody))
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
  await storeEntry(path, 'joe', { hash, secret }, owner)
  await storeEntry(path, 'new', { hash: 'n', secret: undefined }, owner)
  t.equal(readFileSync(path, 'latin1'), `# kept\nann:a\nj\xf6e:x\njoe:${hash}:dGFuc3RhYWY=\nnew:n\n`)
  t.same(findEntry(path, 'joe'), { hash, secret })
  t.equal(statSync(path).mode & 0o7777, 0o600)
  t.notOk(existsSync(`${path}.new`))
})

t.test('storeEntry replaces what an earlier crash has left, whatever its mode', async (t) => {
  const path = scratch()
  writeFileSync(`${path}.new`, 'a long rest of an interrupted change\n'.repeat(9), { mode: 0o644 })
  await storeEntry(path, 'joe', { hash: 'h', secret: undefined }, owner)
  t.equal(readFileSync(path, 'latin1'), 'joe:h\n')
  t.equal(statSync(path).mode & 0o7777, 0o600)
})

t.test('changes at the same time are all kept', async (t) => {
  const path = scratch()
  const logins = Array.from({ length: 20 }, (_, index) => `user${index}`)
  await Promise.all(logins.map((login) => storeEntry(path, login, { hash: `h-${login}`, secret: undefined }, owner)))
  for (const login of logins) t.same(findEntry(path, login), { hash: `h-${login}`, secret: undefined })
})

t.test('any login and secret that the rules allow come back as they were stored', async (t) => {
  const path = scratch()
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 80 }).map((array) => Buffer.from(array))
  await fc.assert(
    fc.asyncProperty(bytes, bytes, async (login, stored) => {
      const name = login.toString('latin1')
      fc.pre(loginTrouble(name) === undefined && passwordTrouble(stored) === undefined)
      await storeEntry(path, name, { hash, secret: stored }, owner)
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
  fc.assert(
    fc.property(lines, (words) => {
      writeFileSync(path, words.join(''), 'latin1')
      const entry = findEntry(path, 'joe')
      if (entry !== undefined) t.notOk(matches({ hash: entry.hash, secret: entry.secret }, createHash('md5').digest(), challenge))
    }),
    { seed: 3, numRuns: 200 },
  )
})

t.test('a login or password that could not be used is named as such', async (t) => {
  for (const login of ['', 'a b', 'a:b', '#a', 'a\nb', 'a\0b', 'a\x7fb', 'a'.repeat(65)])
    t.type(loginTrouble(login), 'string', JSON.stringify(login))
  for (const login of ['a', 'kyoma', 'joe@example.org', 'j\xf6e', 'a#', 'a'.repeat(64)]) t.equal(loginTrouble(login), undefined, login)
  for (const text of ['', 'a\0', 'a'.repeat(129)]) t.type(passwordTrouble(Buffer.from(text)), 'string')
  t.equal(passwordTrouble(Buffer.from('a'.repeat(128))), undefined)
})
