import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { correspondents } from '@yabumi/limits'
import t from 'tap'
import { Correspondents, SentTo } from '../src/index.ts'

const home = mkdtempSync(join(tmpdir(), 'correspondents-'))
process.chdir(home)
t.teardown(() => {
  process.chdir('/')
  rmSync(home, { recursive: true })
})
const path = 'state/correspondents/sent'

t.test('who got mail is known, and no address stands in the file', async (t) => {
  const known = new Correspondents()
  t.notOk(known.has('a@x.example'))
  const sent = new SentTo()
  for (const sender of ['me@test.example', 'me@test.example', 'you@test.example']) sent.add(sender, 'A@x.example')
  sent.add('', 'bounced@x.example')
  sent.add('SRS0=abc=de=x.example=a@test.example', 'forwarded@x.example')
  t.ok(known.has('a@X.example'))
  for (const nobody of ['b@x.example', 'bounced@x.example', 'forwarded@x.example', '']) t.notOk(known.has(nobody), nobody)
  t.match(readFileSync(path, 'latin1'), /^[A-Za-z0-9_-]{16}\n$/)
  appendFileSync(path, 'torn')
  t.ok(known.has('a@x.example'))
})

t.test('its group may read it and nobody else, whatever the umask: a mark says whether somebody was written to', (t) => {
  const before = process.umask(0o077)
  t.teardown(() => process.umask(before))
  rmSync(path)
  new SentTo().add('me@test.example', 'a@x.example')
  t.equal(statSync(path).mode & 0o7777, 0o640)
  t.equal(statSync('state/correspondents').mode & 0o007, 0)
  t.end()
})

t.test('after so many the file becomes the old one, which still counts', async (t) => {
  appendFileSync(path, `${'x'.repeat(16)}\n`.repeat(correspondents))
  new SentTo().add('me@test.example', 'new@x.example')
  t.match(readFileSync(path, 'latin1'), /^.{16}\n$/)
  const known = new Correspondents()
  t.ok(known.has('a@x.example'))
  t.ok(known.has('new@x.example'))
})
