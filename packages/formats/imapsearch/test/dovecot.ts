/**
 * The tables of Dovecot's own tests, where they are: the variable SUITES names the directory of dovecot-unit.json.
 *
 * They are under the LGPL, so they are no part of this tree.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CommandReader, NumberSet, parseSearch, type SearchKey, type Token } from '../../imapwire/src/index.ts'
import { scanParts } from '../../mimeparts/src/index.ts'
import { compileSearch, type SearchMessage } from '../src/index.ts'

interface Row {
  readonly input?: { readonly c: string }
  readonly search?: string
  readonly expect_found?: { readonly c: string }
  readonly expect_body?: { readonly c: string }
  readonly [0]?: string
}
const file = join(process.env['SUITES'] ?? '', 'dovecot-unit.json')
const skip = process.env['SUITES'] !== undefined && existsSync(file) ? false : 'SUITES names no directory with dovecot-unit.json'

function rows(source: string, table: string): Row[] {
  const { tables } = JSON.parse(readFileSync(file, 'utf8')) as { tables: Record<string, Record<string, { row: Row }[]>> }
  return Object.entries(tables)
    .filter(([path]) => path.endsWith(source))
    .flatMap(([, arrays]) => arrays[table] ?? [])
    .map(({ row }) => row)
}

/** A message that stands as strings of C; undefined for one that a macro holds. */
function messageOf(source: string): Buffer | undefined {
  const words = source.replace('TEST_CASE_PLAIN_PREAMBLE', '"Content-Type: text/plain\\n"').matchAll(/"((?:[^"\\]|\\.)*)"|([A-Z_]{4,})/g)
  let text = ''
  for (const [, string, macro] of words) {
    if (macro !== undefined && macro !== 'TEST_CASE_DATA' && macro !== 'TEST_CASE_PLAIN_PREAMBLE') return undefined
    text += macro === 'TEST_CASE_PLAIN_PREAMBLE' ? 'Content-Type: text/plain\n' : (string ?? '')
  }
  const bytes = text.replaceAll(/\\u00(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes.replaceAll('\\n', '\n').replaceAll('\\"', '"'), 'latin1')
}

function finds(message: Buffer, key: SearchKey): boolean {
  const context = { exists: 1, lastUid: 1, savedNumbers: NumberSet.empty, savedUids: NumberSet.empty, nowSeconds: 0 }
  const opened = { root: scanParts(message), read: (start: number, end: number) => message.subarray(start, end) }
  return compileSearch(key, context).matches({ open: () => opened } as unknown as SearchMessage)
}

t.test('what is in messages', { skip }, async (t) => {
  let left = 0
  for (const { input, search = '', expect_found, expect_body } of rows('test-message-search.c', 'test_cases')) {
    const message = messageOf(input?.c ?? '')
    if (message === undefined) {
      left += 1
      continue
    }
    const text = Buffer.from(search, 'latin1').toString('utf8')
    t.equal(finds(message, { key: 'text', text }), expect_found?.c === 'TRUE', `${search} in ${input?.c}`)
    t.equal(finds(message, { key: 'body', text }), expect_body?.c === 'TRUE', `${search} in the body of ${input?.c}`)
  }
  t.comment(`${left} messages stand elsewhere`)
})

/** Keys of Dovecot's own. */
const foreign = /X-|INTHREAD|MIMEPART|MODSEQ (18446744073709551615|\/)/

t.test('keys', { skip }, async (t) => {
  for (const { 0: text = '' } of rows('test-mail-search-args-imap.c', 'tests')) {
    if (foreign.test(text)) continue
    const reader = new CommandReader(true)
    reader.push(Buffer.from(`a SEARCH ${text}\r\n`))
    const event = reader.next() as { args?: readonly Token[] } | undefined
    t.ok(parseSearch(event?.args ?? []).key, text)
  }
})
