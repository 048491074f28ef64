/**
 * Patterns of LIST in Dovecot's own tests, where they are: the variable SUITES names the directory of dovecot-unit.json.
 * They are under the LGPL, so they are no part of this tree.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { matchesPattern } from '../src/pattern.ts'

type Row = readonly [pattern: string, name: string, match: { readonly c: string }]
const file = join(process.env['SUITES'] ?? '', 'dovecot-unit.json')
const skip = process.env['SUITES'] !== undefined && existsSync(file) ? false : 'SUITES names no directory with dovecot-unit.json'

t.test('patterns', { skip }, async (t) => {
  const { tables } = JSON.parse(readFileSync(file, 'utf8')) as { tables: Record<string, Record<string, { row: Row }[]>> }
  const arrays = Object.entries(tables).filter(([path]) => path.endsWith('test-imap-match.c'))
  for (const [, { test = [], inbox_test = [] }] of arrays) {
    for (const { row } of [...test, ...inbox_test]) {
      const [pattern, name, match] = row
      if (/[^\0-\x7f]/.test(name)) continue // names are in modified UTF-7 here, so no pattern ends within a character
      t.equal(matchesPattern(pattern, name), match.c === 'IMAP_MATCH_YES', `${pattern} ${name}`)
    }
  }
})
