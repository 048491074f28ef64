import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { packSender, readSrs, type Srs, unpackAddress } from '../src/index.ts'

const srs: Srs = { domain: 'srs.test', secrets: ['tops3cret'], maxAgeDays: 21, hashLength: 4, hashMinimum: 4 }
const now = 1_795_392_000
const day = 86_400
const localOf = (address: string): string => address.slice(0, address.lastIndexOf('@'))

t.test('senders are packed as Mail::SRS 0.31 packs them', async (t) => {
  const known: [string, string][] = [
    ['joe@example.com', 'SRS0=YF3a=JM=example.com=joe@srs.test'],
    ['Jo.E+x=y@Ex.Com', 'SRS0=5yJN=JM=Ex.Com=Jo.E+x=y@srs.test'],
    ['SRS0=aaaa=bb=a.com=joe@b.com', 'SRS1=249r=b.com==aaaa=bb=a.com=joe@srs.test'],
    ['SRS1=zzzz=b.com==aaaa=bb=a.com=joe@c.com', 'SRS1=249r=b.com==aaaa=bb=a.com=joe@srs.test'],
    ['SRS0+aaaa=bb=a.com=joe@b.com', 'SRS1=rKh8=b.com=+aaaa=bb=a.com=joe@srs.test'],
  ]
  for (const [sender, packed] of known) t.equal(packSender(sender, srs, now), packed)
})

const hasMailSrs = (): boolean => {
  try {
    execFileSync('perl', ['-MMail::SRS', '-e', '1'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

t.test('Mail::SRS unpacks what is packed here, and the other way round', { skip: !hasMailSrs() && 'no Mail::SRS here' }, async (t) => {
  const perl = (method: string, ...args: string[]): string =>
    execFileSync(
      'perl',
      [
        '-MMail::SRS',
        '-e',
        `print Mail::SRS->new(Secret => "tops3cret", Separator => "=", HashLength => 6, HashMin => 4)->${method}(@ARGV)`,
        ...args,
      ],
      { encoding: 'latin1' },
    )
  const longer = { ...srs, hashLength: 6 }
  const today = Math.floor(Date.now() / 1000)
  for (const sender of ['joe@example.com', 'A=b=c-d@Sub.Example.COM', 'SRS0=aaaa=bb=a.com=joe@b.com']) {
    const packed = packSender(sender, longer, today)
    t.equal(perl('forward', sender, 'srs.test'), packed)
    t.equal(perl('reverse', packed), sender)
    t.equal(unpackAddress(localOf(packed), longer, today), sender)
  }
})

t.test('some senders stay as they are', async (t) => {
  for (const sender of ['', '#@[]', 'list-@h.example-@[]', 'nohost', '@h.example', 'x@', 'x@SRS.Test'])
    t.equal(packSender(sender, srs, now), sender)
})

t.test('what is unpacked must have been made here, lately', async (t) => {
  const packed = localOf(packSender('joe@example.com', srs, now))
  t.equal(unpackAddress(packed, srs, now), 'joe@example.com')
  t.equal(unpackAddress(packed.toLowerCase(), srs, now), 'joe@example.com', 'case does not count')
  t.equal(unpackAddress(packed.toUpperCase(), srs, now), 'JOE@EXAMPLE.COM')
  t.equal(unpackAddress(packed, { ...srs, secrets: ['new', 'tops3cret'] }, now + 21 * day), 'joe@example.com')
  t.throws(() => unpackAddress(packed, srs, now + 22 * day), { message: 'this SRS address is too old' })
  t.throws(() => unpackAddress(packed, srs, now - day), { message: 'this SRS address is too old' })
  const foreign = { message: 'this SRS address was not made here' }
  t.throws(() => unpackAddress(packed.replace('=joe', '=eve'), srs, now), foreign)
  t.throws(() => unpackAddress(packed.replace('=JM=', '=JN='), srs, now), foreign)
  t.throws(() => unpackAddress(packed.replace('YF3a', 'YF3'), srs, now), foreign)
  t.throws(() => unpackAddress(packed.replace('YF3a', ''), srs, now), foreign)
  t.throws(() => unpackAddress(packed, { ...srs, secrets: ['other'] }, now), foreign)
  for (const no of ['joe', 'SRS0', 'SRS0=', 'SRS1=249r=b.com=joe', 'SRS2=a=b=c=d'])
    t.throws(() => unpackAddress(no, srs, now), /SRS address/)
  const guarded = localOf(packSender('SRS0=aaaa=bb=a.com=joe@b.com', srs, now))
  t.equal(unpackAddress(guarded, srs, now), 'SRS0=aaaa=bb=a.com=joe@b.com')
  t.throws(() => unpackAddress(guarded.replace('b.com', 'c.com'), srs, now), foreign)
})

t.test('any address comes back as it was; anything else is refused and never misread', async () => {
  const part = fc.string({ minLength: 1, maxLength: 30 }).map((text) => Buffer.from(text).toString('latin1').replaceAll('@', 'a'))
  fc.assert(
    fc.property(part, part, fc.nat(20), (local, host, age) => {
      const sender = `${local}@${host.replaceAll('=', 'e')}`
      const packed = packSender(sender, srs, now)
      if (packed !== sender && packed.startsWith('SRS0')) assert.equal(unpackAddress(localOf(packed), srs, now + age * day), sender)
    }),
    { seed: 3, numRuns: 500 },
  )
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      assert.throws(() => unpackAddress(`SRS0=${text}`, srs, now))
    }),
    { seed: 4, numRuns: 500 },
  )
})

t.test('SRS is off without a domain, and waits for a secret', async (t) => {
  const home = t.testdir({})
  mkdirSync(`${home}/control`)
  const put = (name: string, text: string): void => writeFileSync(`${home}/control/${name}`, text)
  t.equal(readSrs(home), undefined)
  put('srs_secrets', '# a comment\nfirst \n\nsecond\n')
  t.equal(readSrs(home), undefined)
  put('srs_domain', 'srs.test\n')
  t.same(readSrs(home), { ...srs, secrets: ['first', 'second'] })
  put('srs_maxage', '7\n')
  put('srs_hashlength', '100\n')
  put('srs_hashmin', '0\n')
  t.same(readSrs(home), { domain: 'srs.test', secrets: ['first', 'second'], maxAgeDays: 7, hashLength: 27, hashMinimum: 1 })
  put('srs_secrets', '\n')
  t.throws(() => readSrs(home), { message: /there is control\/srs_domain, and no secret/ })
})
