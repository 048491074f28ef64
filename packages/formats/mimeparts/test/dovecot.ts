/**
 * The tables of Dovecot's own tests, where they are: the variable SUITES names the directory of dovecot-unit.json.
 *
 * They are under the LGPL, so they are no part of this tree.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { imapWords } from '../../../../test/support/imapwords.ts'
import { decodeTransfer, htmlText, type Part, previewOf, scanParts, toCrlf, writeBodyStructure, writeEnvelope } from '../src/index.ts'
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
