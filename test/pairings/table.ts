/** The table in README.md: it has a row for every program that qmail has, and names nothing that is not there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkout } from '../support/home.ts'
import { vectors } from './support/recorded.ts'

const page = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
const quoted = [...page.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text)

t.test('every test that the table names is there', async (t) => {
  const files = quoted.filter((text) => /^(test|packages)\//.test(text))
  t.ok(files.length > 20, `${files.length} files`)
  for (const file of files) t.ok(existsSync(join(checkout, file)), file)
})

t.test('every group of vectors that the table names is there, and every group is named', async (t) => {
  const groups = new Set([...page.matchAll(/\bvector ([a-z0-9-]+)/g)].map(([, name = '']) => name))
  const recorded = readdirSync(join(checkout, 'test/golden')).filter((name) => name.endsWith('.jsonl'))
  t.same([...groups].sort(), recorded.map((name) => name.slice(0, -'.jsonl'.length)).sort())
})

t.test('every single vector that the table names is there', async (t) => {
  const singles = [...page.matchAll(/\b([a-z0-9-]+)\/(\d{3})\b/g)]
  t.ok(singles.length > 0)
  for (const [id, group] of singles) {
    t.ok(
      vectors(`${group}.jsonl`).some((vector) => vector.id === id),
      id,
    )
  }
})

t.test('the table has every program of bin/ that qmail has, and no other', async (t) => {
  const rows = page.split('\n').filter((line) => /^\| (?!ours )[a-z]/.test(line))
  const inRows = rows.flatMap(
    (row) =>
      row
        .slice(2)
        .split(/ with |, and | \| /)[0]
        ?.split(', ') ?? [],
  )
  const own = /no counterpart of ([^.]+)\./.exec(page)?.[1]?.split(/,\s+/) ?? []
  const cast = readdirSync(join(checkout, 'bin')).filter((name) => !name.startsWith('.'))
  t.same([...new Set([...inRows, ...own])].sort(), cast.sort())
  t.same(
    inRows.filter((name) => own.includes(name)),
    [],
  )
})
