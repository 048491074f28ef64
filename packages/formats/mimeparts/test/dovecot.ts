/**
 * The tables of Dovecot's own tests, where they are: the variable SUITES names the directory of dovecot-unit.json.
 *
 * They are under the LGPL, so they are no part of this tree.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { imapWords } from '../../../../test/support/imapwords.ts'
import {
  decodeHeader,
  decodeTransfer,
  htmlText,
  type Part,
  previewOf,
  scanParts,
  toCrlf,
  writeBodyStructure,
  writeEnvelope,
} from '../src/index.ts'
import { snippet } from '../src/preview.ts'

type Row = Record<string, string> & readonly unknown[]
const file = join(process.env['SUITES'] ?? '', 'dovecot-unit.json')
const skip = process.env['SUITES'] !== undefined && existsSync(file) ? false : 'SUITES names no directory with dovecot-unit.json'

function rows(source: string, table: string): Row[] {
  const { tables } = JSON.parse(readFileSync(file, 'utf8')) as { tables: Record<string, Record<string, { row: Row }[]>> }
  return Object.entries(tables)
    .filter(([path]) => path.endsWith(source))
    .flatMap(([, arrays]) => arrays[table] ?? [])
    .map(({ row }) => row)
}

const scan = (message: string): Part => scanParts(toCrlf(Buffer.from(message, 'latin1')))

t.test('envelopes', { skip }, async (t) => {
  for (const { message = '', envelope } of rows('test-imap-envelope.c', 'parse_tests')) {
    t.same(imapWords(writeEnvelope(scan(message).fields)), imapWords(`(${envelope})`), message)
  }
})

t.test('body structures', { skip }, async (t) => {
  for (const { message = '', bodystructure, body } of rows('test-imap-bodystructure.c', 'parse_tests')) {
    t.same(imapWords(writeBodyStructure(scan(message), true)), imapWords(`(${bodystructure})`), message)
    t.same(imapWords(writeBodyStructure(scan(message), false)), imapWords(`(${body})`), message)
  }
  for (const { message = '', output } of rows('test-imap-bodystructure.c', 'normalize_tests')) {
    t.same(imapWords(writeBodyStructure(scan(message), true)), imapWords(`(${output})`), message)
  }
})

t.test('HTML', { skip }, async (t) => {
  for (const [html, text] of rows('test-mail-html2text.c', 'tests')) {
    t.equal(Buffer.from(htmlText(String(html))).toString('latin1'), String(text), String(html))
  }
})

t.test('previews', { skip }, async (t) => {
  for (const [text, characters, wanted] of rows('test-message-snippet.c', 'tests')) {
    const message = Buffer.from(String(text), 'latin1')
    const long = previewOf(scanParts(message), (start, end) => message.subarray(start, end))
    const preview = snippet(long, Number(characters))
    t.equal(Buffer.from(preview).toString('latin1'), String(wanted), String(text))
  }
})

t.test('quoted-printable', { skip }, async (t) => {
  for (const [text, wanted, error] of rows('test-istream-qp-decoder.c', 'tests')) {
    const { bytes, isBroken } = decodeTransfer(toCrlf(Buffer.from(String(text), 'latin1')), 'quoted-printable')
    if (error === 0) t.equal(bytes.toString('latin1'), String(wanted), String(text))
    t.equal(isBroken, error !== 0, String(text))
  }
})

t.test('encoded words', { skip }, async (t) => {
  const { tables } = JSON.parse(readFileSync(file, 'utf8')) as { tables: Record<string, Record<string, { i: number; row: unknown }[]>> }
  const data = Object.entries(tables).find(([path]) => path.endsWith('test-message-header-decode.c'))?.[1]['data'] ?? []
  const texts = new Map(data.map(({ i, row }) => [i, row])) // what is to be decoded, and behind it what comes of it
  for (const [i, text] of texts) {
    const wanted = texts.get(i + 1)
    if (i % 2 === 1 || typeof text !== 'string' || typeof wanted !== 'string') continue
    const unfolded = (value: string): string => value.replaceAll(/\r?\n/g, '').trim()
    t.equal(Buffer.from(decodeHeader(unfolded(text))).toString('latin1'), unfolded(wanted), text)
  }
})

/** Parts of the messages that its parser is tried with, by their place there. */
const parts = new Map([
  [0, 2],
  [1, 2],
  [5, 1],
  [9, 1],
])

t.test('messages for the parser', { skip }, async (t) => {
  const { tables } = JSON.parse(readFileSync(file, 'utf8')) as { tables: Record<string, Record<string, { i: number; row: unknown }[]>> }
  const arrays = Object.entries(tables).find(([path]) => path.endsWith('test-message-parser.c'))?.[1] ?? {}
  for (const { i, row } of [...(arrays['msgs'] ?? []), ...(arrays['input_msgs'] ?? [])]) {
    if (typeof row !== 'string') continue
    const bytes = toCrlf(Buffer.from(row, 'latin1'))
    const { header, body, children } = scanParts(bytes)
    if (arrays['msgs']?.some((each) => each.row === row)) t.equal(children.length, parts.get(i), row)
    t.equal(header.start, 0, row)
    t.equal(header.sizeBytes + body.sizeBytes, bytes.length, row)
    let from = body.start
    for (const part of children) {
      t.ok(part.header.start >= from && part.header.end <= part.body.start && part.body.end <= body.end, `${row} ${part.header.start}`)
      from = part.body.end
    }
  }
})
