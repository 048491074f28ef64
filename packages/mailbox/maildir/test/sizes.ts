/** Names of messages tell their sizes where that is wanted. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { deliverToMaildir } from '../src/index.ts'
import { sizedName } from '../src/name.ts'

const path = mkdtempSync(join(tmpdir(), 'yabumi-maildir-sizes-'))
t.teardown(() => rmSync(path, { recursive: true }))
for (const part of ['tmp', 'new', 'cur']) mkdirSync(join(path, part))

async function* pieces(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text)
}

t.test('sizes are those of the file, and with CRLF at every line end', async (t) => {
  const head = Buffer.from('Return-Path: <>\n')
  const whole = await deliverToMaildir(path, head, Buffer.from('A: b\r\n\nc\rd\n'), true, 'descriptors', true)
  t.match(whole, /,S=27,W=30$/)
  t.equal(readFileSync(join(path, 'new', whole)).length, 27)
  t.match(await deliverToMaildir(path, head, pieces('A: b\r', '\n', '', '\nc\r', 'd\n'), false, 'descriptors', true), /,S=27,W=30$/)
  t.notMatch(await deliverToMaildir(path, head, Buffer.from('A: b\n'), true), /,/)
})

t.test('a name has 70 bytes at most', async (t) => {
  const name = `1700000000.4194304_abcde_123456.${'h'.repeat(63)}`
  t.equal(sizedName(name, ',S=123456789,W=123456789'), `${name.slice(0, 46)},S=123456789,W=123456789`)
  t.equal(sizedName('1.a.h', ',S=1,W=1'), '1.a.h,S=1,W=1')
})
