import fc from 'fast-check'
import t from 'tap'
import { lowerCase, needsQuotes, quoteAddress, quoteLocal, splitAddress } from '../src/index.ts'

const byteString = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'))

t.test('splitAddress takes what follows the last @ for the domain', async (t) => {
  t.same(splitAddress('God@heaven.af.mil'), { local: 'God', domain: 'heaven.af.mil' })
  t.same(splitAddress('@heaven.af.mil'), { local: '', domain: 'heaven.af.mil' })
  t.same(splitAddress('@at@@heaven.af.mil'), { local: '@at@', domain: 'heaven.af.mil' })
  t.same(splitAddress('root'), { local: 'root', domain: undefined })
  t.same(splitAddress('root@'), { local: 'root', domain: '' })
})

t.test('splitAddress loses no byte of any address', async () => {
  fc.assert(
    fc.property(byteString, (address) => {
      const { local, domain } = splitAddress(address)
      return (domain === undefined ? local : `${local}@${domain}`) === address && !(domain ?? '').includes('@')
    }),
  )
})

t.test('lowerCase folds ASCII letters and leaves every other byte alone', async (t) => {
  t.equal(lowerCase('God@HEAVEN.AF.Mil'), 'god@heaven.af.mil')
  t.equal(lowerCase('\xc9\xdc[]^_'), '\xc9\xdc[]^_')
  fc.assert(fc.property(byteString, (bytes) => lowerCase(bytes).length === bytes.length))
})

t.test('needsQuotes is about empty parts, stray dots and bytes outside the atom set', async (t) => {
  for (const local of ['joe', 'a.b', "!#$%&'*+-/=?^_`{|}~0"]) t.equal(needsQuotes(local), false, local)
  for (const local of ['', '.a', 'a.', 'a..b', 'a b', 'a@b', '\xe9', 'a"b', 'a\\b', 'a\nb', 'a,b', '(a)'])
    t.equal(needsQuotes(local), true, JSON.stringify(local))
})

t.test('quoteLocal puts a backslash before carriage return, line feed, quote and backslash', async (t) => {
  t.equal(quoteLocal('joe'), 'joe')
  t.equal(quoteLocal('a"b\\c\r\nd e'), '"a\\"b\\\\c\\\r\\\nd e"')
  t.equal(quoteLocal(''), '""')
})

t.test('what quoteLocal writes can be read back', async () => {
  fc.assert(
    fc.property(byteString, (local) => {
      const wire = quoteLocal(local)
      return (wire.startsWith('"') ? wire.slice(1, -1).replace(/\\([\s\S])/g, '$1') : wire) === local
    }),
  )
})

t.test('quoteAddress quotes the local part only', async (t) => {
  t.equal(quoteAddress(''), '')
  t.equal(quoteAddress('joe'), 'joe')
  t.equal(quoteAddress('@at@@heaven.af.mil'), '"@at@"@heaven.af.mil')
  t.equal(quoteAddress('@heaven.af.mil'), '""@heaven.af.mil')
  t.equal(quoteAddress('joe@a b'), 'joe@a b')
})
