import {
  checkedHeaderBytes,
  checkedHeaderFields,
  dkimFieldBytes,
  dkimLargestKeyBits,
  dkimRecordBytes,
  dkimSignatures,
  dkimSignedNames,
  dkimSkewSeconds,
  dkimSmallestKeyBits,
  dkimSmallestWeakKeyBits,
} from '@yabumi/limits'
import t from 'tap'
import { readKeyRecord, readSignature } from '../src/index.ts'
import { makePair, now, signed, verified } from './support/signed.ts'

const pair = makePair('ed25519')
const message = Buffer.from('From: joe@example.org\r\nSubject: hello\r\n\r\nHello.\r\n')

/** The message with a field of filling on top, so that its header has so many bytes. */
function padded(text: Buffer, bytes: number): Buffer {
  const header = text.indexOf('\r\n\r\n') + 4
  const frame = 'X-Pad: \r\n'
  return Buffer.concat([Buffer.from(`X-Pad: ${'x'.repeat(bytes - header - frame.length)}\r\n`), text])
}

t.test('a header is looked at up to its limit in bytes and in fields', async (t) => {
  const whole = await signed(message, [pair])
  const at = await verified(padded(whole, checkedHeaderBytes), [pair])
  t.match(at.verdicts, [{ result: 'pass' }])
  const beyond = await verified(padded(whole, checkedHeaderBytes + 1), [pair])
  t.match(beyond.verdicts, [{ result: 'permerror', reason: 'the header is too long' }])
  t.same(beyond.asked, [])
  const fields =
    whole
      .toString('latin1')
      .slice(0, whole.indexOf('\r\n\r\n') + 2)
      .match(/^[A-Za-z]/gm)?.length ?? 0
  const more = (count: number): Buffer => Buffer.concat([Buffer.from('X: y\r\n'.repeat(count - fields)), whole])
  t.match((await verified(more(checkedHeaderFields), [pair])).verdicts, [{ result: 'pass' }])
  t.match((await verified(more(checkedHeaderFields + 1), [pair])).verdicts, [{ result: 'permerror' }])
})

t.test('so many signatures are verified, and the keys of no others asked for', async (t) => {
  const pairs = Array.from({ length: dkimSignatures + 1 }, (_, index) => makePair('ed25519', `s${index}`))
  const { verdicts, asked } = await verified(await signed(message, pairs), pairs)
  t.same(
    verdicts.map(({ result }) => result),
    [...Array<string>(dkimSignatures).fill('pass'), 'policy'],
  )
  t.equal(asked.length, dkimSignatures)
})

t.test('a signature has so many bytes, and names so many fields', async (t) => {
  const field = (await signed(Buffer.from('From: a@b.example\r\n\r\n'), [pair])).toString('latin1').split('From: a@')[0] as string
  const longer = (bytes: number): string => field.replace(' b=', `${' '.repeat(bytes - field.length)} b=`)
  t.ok('signature' in readSignature(longer(dkimFieldBytes)))
  t.notOk('signature' in readSignature(longer(dkimFieldBytes + 1)))
  const naming = (count: number): string => field.replace(/h=[^;]*/, `h=from${':x'.repeat(count - 1)}`)
  t.ok('signature' in readSignature(naming(dkimSignedNames)))
  t.notOk('signature' in readSignature(naming(dkimSignedNames + 1)))
})

t.test('a key record has so many bytes', async (t) => {
  const noted = (bytes: number): string => pair.record.replace('; p=', `; n=${'x'.repeat(bytes - pair.record.length - '; n='.length)}; p=`)
  t.notOk('problem' in readKeyRecord(noted(dkimRecordBytes)))
  t.ok('problem' in readKeyRecord(noted(dkimRecordBytes + 1)))
})

t.test('RSA keys count from one size to another', async (t) => {
  const resultOf = async (bits: number, weak = false): Promise<string | undefined> => {
    const sized = makePair(bits)
    return (await verified(await signed(message, [sized]), [sized], { weak })).verdicts[0]?.result
  }
  t.equal(await resultOf(dkimSmallestKeyBits), 'pass')
  t.equal(await resultOf(dkimSmallestKeyBits - 8), 'policy')
  t.equal(await resultOf(dkimSmallestWeakKeyBits, true), 'pass')
  t.equal(await resultOf(dkimSmallestWeakKeyBits - 8, true), 'policy')
  t.equal(await resultOf(dkimLargestKeyBits), 'pass')
  t.equal(await resultOf(dkimLargestKeyBits + 8), 'permerror')
})

t.test('a signature may come from a clock that is ahead, and no more', async (t) => {
  const from = async (ahead: number): Promise<string | undefined> =>
    (await verified(await signed(message, [pair], now + ahead), [pair])).verdicts[0]?.result
  t.equal(await from(dkimSkewSeconds), 'pass')
  t.equal(await from(dkimSkewSeconds + 1), 'neutral')
})
