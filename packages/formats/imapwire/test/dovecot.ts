/**
 * Addresses of messages in Dovecot's own tests, where they are: the variable SUITES names the directory of
 * dovecot-unit.json. They are under the LGPL, so they are no part of this tree.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseMessageUrl } from '../src/index.ts'

interface Row {
  readonly url: string
  readonly url_base?: unknown
  readonly url_parsed_end?: string
  readonly url_parsed: {
    readonly mailbox?: string
    readonly uidvalidity?: number
    readonly uid?: number
    readonly section?: string | null
    readonly partial_offset?: number
    readonly partial_size?: number
  }
}

const file = join(process.env['SUITES'] ?? '', 'dovecot-unit.json')
const skip = process.env['SUITES'] !== undefined && existsSync(file) ? false : 'SUITES names no directory with dovecot-unit.json'

function rows(table: string): Row[] {
  const { tables } = JSON.parse(readFileSync(file, 'utf8')) as { tables: Record<string, Record<string, { row: Row }[]>> }
  return Object.entries(tables)
    .filter(([path]) => path.endsWith('test-imap-url.c'))
    .flatMap(([, arrays]) => arrays[table] ?? [])
    .map(({ row }) => row)
}

/** Without what another one is relative to, and what is of URLAUTH, which is not known here. */
const isOurs = ({ url, url_base, url_parsed_end }: Row): boolean => !url_base && !url_parsed_end && !url.includes('URLAUTH')

t.test('addresses of messages', { skip }, async (t) => {
  for (const { url, url_parsed } of rows('valid_url_tests').filter(isOurs)) {
    const { mailbox, uidvalidity, uid, section, partial_offset, partial_size } = url_parsed
    const found = parseMessageUrl(url)
    if (uid === undefined || section?.includes('AA')) t.equal(found, undefined, `${url} is of no message, or of no part that IMAP has`)
    else {
      t.match(found, { mailbox, uid }, url)
      t.equal(found?.uidValidity, uidvalidity, url)
      const partial = partial_offset === undefined ? undefined : { offset: partial_offset, length: partial_size }
      t.same(found?.partial, partial, url)
    }
  }
})

t.test('what is no address', { skip }, async (t) => {
  for (const { url } of rows('invalid_url_tests')) t.equal(parseMessageUrl(url), undefined, url)
})
