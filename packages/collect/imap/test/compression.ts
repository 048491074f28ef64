// A connection that is compressed (RFC 4978).
import { randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { imapInflatedBytes, imapLineBytes } from '@yabumi/limits'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { Inflation } from '../src/compression.ts'
import { answered, ImapSession } from './fixtures/imap.ts'

const home = await ScratchHome.make(t, 'kyoma')

async function begin(): Promise<ImapSession> {
  const imap = await ImapSession.start(t, home, 'kyoma')
  t.match(await imap.say('z COMPRESS DEFLATE'), /^z OK /)
  imap.compress()
  return imap
}

t.test('after COMPRESS everything is, up to the last word', async (t) => {
  const plain = await ImapSession.start(t, home, 'kyoma')
  t.match(await plain.say('a COMPRESS GZIP'), 'a BAD ')
  const imap = await begin()
  t.match(await imap.say('a COMPRESS DEFLATE'), 'a NO [COMPRESSIONACTIVE] ')
  const message = randomBytes(3_000_000).toString('base64')
  t.match(await imap.say(`b APPEND INBOX {${message.length}+}\r\n${message}`, answered('b')), 'b OK ')
  t.match(await imap.say('c SELECT INBOX'), '* 1 EXISTS')
  t.ok((await imap.say('d FETCH 1 BODY.PEEK[]', answered('d'))).includes(message))
  t.match(await imap.say('e LOGOUT', (heard) => heard.includes('e OK')), '* BYE ')
  t.equal(await imap.over, 0)
})

t.test('what is no compressed stream ends the session', async (t) => {
  const imap = await ImapSession.start(t, home, 'kyoma')
  await imap.say('z COMPRESS DEFLATE')
  t.equal(await imap.say('\xff\xff\xff\xff', () => false), '')
  t.equal(await imap.over, 0)
})

t.test('a bomb is a line that is too long, and nothing else', async (t) => {
  const imap = await begin()
  t.match(await imap.say(`${'x'.repeat(30_000_000)}\r\na NOOP`), /^\* BAD [^\n]*\r\na OK /)
  t.match(await imap.say(`b ${'x'.repeat(imapLineBytes)}\r\nc NOOP`), /BAD [^\n]*\r\nc OK /)
})

t.test('so much is unpacked at a time, and no more before it was taken', async (t) => {
  const total = 50 * imapInflatedBytes
  const inflation = new Inflation()
  inflation.push(deflateRawSync(Buffer.alloc(total)))
  let [sum, longest] = [0, 0]
  for (let piece = await inflation.next(); piece !== undefined; piece = await inflation.next()) {
    sum += piece.length
    longest = Math.max(longest, piece.length)
  }
  t.equal(sum, total)
  t.ok(longest <= imapInflatedBytes, String(longest))
  inflation.close()
})
