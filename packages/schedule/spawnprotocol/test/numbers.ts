import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import {
  CommandDecoder,
  encodeCommand,
  encodeGreeting,
  encodeReport,
  greetingFor,
  ReportDecoder,
  wideLimit,
  wideNumbers,
} from '../src/index.ts'

const bin = join(import.meta.dirname, '../../../../bin')

t.test('a greeting is narrow unless wide numbers were asked for', async (t) => {
  t.same(encodeGreeting(greetingFor([])), Buffer.from('x'))
  t.same(encodeGreeting(greetingFor(['./Mailbox'])), Buffer.from('x'))
  t.equal(greetingFor([wideNumbers]).width, 2)
})

t.test('a wide limit has a zero low byte, which no narrow greeting has, and keeps to the descriptors', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2_000_000 }), (descriptors) => {
      const limit = wideLimit(descriptors)
      assert.ok(limit % 256 === 0 && limit >= 0 && limit <= 65_280 && (limit === 0 || limit * 3 < descriptors))
    }),
    { seed: 7, numRuns: 300 },
  )
  t.equal(wideLimit(1024), 256)
  t.same(encodeGreeting({ width: 2, limit: 0x0400 }), Buffer.from([0, 4]), 'low, then high')
})

t.test('wide numbers travel low byte first, in any pieces', async (t) => {
  const command = { delivery: 0x1234, message: '7/457', sender: 's@x', recipient: 'r@y' }
  t.same(encodeCommand(command, 2).subarray(0, 3), Buffer.from([0x34, 0x12, 0x37]))
  t.same(encodeReport(300, 'K', 'ok\n', 2), Buffer.from('\x2c\x01Kok\n\0', 'latin1'))
  const commands = new CommandDecoder(2)
  t.same(
    [...encodeCommand(command, 2)].flatMap((byte) => commands.push(Buffer.from([byte]))),
    [command],
  )
  const reports = new ReportDecoder(2)
  const bytes = Buffer.concat([encodeReport(65_279, 'Z', 'later', 2), encodeReport(0, 'D', '', 2)])
  t.same(
    [...bytes].flatMap((byte) => reports.push(Buffer.from([byte]))),
    [
      { delivery: 65_279, status: 'Z', text: 'later' },
      { delivery: 0, status: 'D', text: '' },
    ],
  )
})

t.test('lspawn and rspawn say what qmail says, and two bytes when asked', async (t) => {
  const home = t.testdir({ control: { me: 'test.example\n' }, queue: { mess: {}, info: {}, lock: { tcpto: '' } }, users: {}, alias: {} })
  const greeting = (program: string, ...args: string[]) =>
    spawnSync(join(bin, program), args, { env: { ...process.env, YABUMI_HOME: home }, input: '' }).stdout
  t.same(greeting('lspawn', './Mailbox'), Buffer.from('x'))
  t.same(greeting('rspawn'), Buffer.from('x'))
  for (const bytes of [greeting('lspawn', './Mailbox', wideNumbers), greeting('rspawn', wideNumbers)]) {
    t.equal(bytes.length, 2)
    t.equal(bytes[0], 0)
    t.ok((bytes[1] as number) > 0)
  }
})
