import fc from 'fast-check'
import t from 'tap'
import { NetstringReader, NetstringTrouble, netstring } from '../src/index.ts'

/** A reader of this text in pieces of the given sizes, taken in turn. */
function readerOf(text: string, sizes: readonly number[] = [65_536]): NetstringReader {
  async function* pieces(): AsyncGenerator<Buffer, void> {
    for (let at = 0, turn = 0; at < text.length; turn += 1) {
      const size = sizes[turn % sizes.length] as number
      yield Buffer.from(text.slice(at, at + size), 'latin1')
      at += size
    }
  }
  return new NetstringReader(pieces())
}

async function read(reader: NetstringReader): Promise<string | undefined> {
  const text = await reader.text(await reader.length(), 10_000)
  await reader.comma()
  return text
}

const kindOf = async (text: string): Promise<string> =>
  read(readerOf(text)).then(
    () => 'none',
    (error: unknown) => (error instanceof NetstringTrouble ? error.kind : String(error)),
  )

t.test('a netstring that was written is read again, whatever the pieces it comes in', async () => {
  const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 300 })
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 })
  const property = fc.asyncProperty(fc.array(bytes, { maxLength: 5 }), sizes, async (texts, sizes) => {
    const reader = readerOf(texts.map(netstring).join(''), sizes)
    for (const text of texts) if ((await read(reader)) !== text) return false
    return true
  })
  await fc.assert(property, { seed: 4, numRuns: 200 })
})

t.test('what is no netstring is told from an end and from a length beyond all reason', async (t) => {
  for (const text of ['', '3', '3:ab', '3:abc']) t.equal(await kindOf(text), 'ended', text)
  for (const text of ['x', '-1:', ' 1:a,', '1a:', '1:ab', '1:a;']) t.equal(await kindOf(text), 'malformed', text)
  for (const text of ['2000000010', '99999999999:']) t.equal(await kindOf(text), 'long', text)
  t.equal(await kindOf('2000000009:'), 'ended')
  t.equal(await kindOf('0003:abc,'), 'none')
})

t.test('nothing behind a netstring that was entered is taken for a part of it', async (t) => {
  const reader = readerOf('6:3:abcd,5:after,')
  reader.enter(await reader.length())
  t.equal(await reader.text(await reader.length(), 10), 'abc')
  t.equal(reader.left, 1)
  await t.rejects(reader.text(3, 10), { name: 'NetstringTrouble', kind: 'malformed' })
  reader.leave()
  await reader.comma()
  t.equal(await read(reader), 'after')
})

t.test('text beyond the limit is read and forgotten', async (t) => {
  const reader = readerOf('5:12345,2:ok,', [2])
  t.equal(await reader.text(await reader.length(), 4), undefined)
  await reader.comma()
  t.equal(await read(reader), 'ok')
})
