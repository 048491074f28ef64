/** The pairs in README.md: there is one for every program that qmail has, and they name nothing that is not there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkout } from '../support/home.ts'
import { vectors } from './support/recorded.ts'

const page = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
const quoted = [...page.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text)

t.test('every test that the page names is there', async (t) => {
  const files = quoted.filter((text) => /^(test|packages)\//.test(text))
  t.ok(files.length > 20, `${files.length} files`)
  for (const file of files) t.ok(existsSync(join(checkout, file)), file)
})

t.test('every group of vectors that the page names is there, and every group is named', async (t) => {
  const groups = new Set([...page.matchAll(/\bvector ([a-z0-9-]+)/g)].map(([, name = '']) => name))
  const recorded = readdirSync(join(checkout, 'test/golden')).filter((name) => name.endsWith('.jsonl'))
  t.same([...groups].sort(), recorded.map((name) => name.slice(0, -'.jsonl'.length)).sort())
})

t.test('every single vector that the page names is there', async (t) => {
  const singles = [...page.matchAll(/\b([a-z0-9-]+)\/(\d{3})\b/g)]
  t.ok(singles.length > 0)
  for (const [id, group] of singles) {
    t.ok(
      vectors(`${group}.jsonl`).some((vector) => vector.id === id),
      id,
    )
  }
})

t.test('the pairs have every program of bin/ that qmail has, and no other', async (t) => {
  const pairs = [...page.matchAll(/^- \*\*([a-z].*)\*\*$/gm)].map(([, pair = '']) => pair)
  const inPairs = pairs.flatMap((pair) => pair.split(/ with |, and /)[0]?.split(', ') ?? [])
  const own = [...page.matchAll(/no counterpart of ([^.]+)\./g)].flatMap(([, names = '']) => names.split(/,\s+/))
  const programs = readdirSync(join(checkout, 'bin')).filter((name) => !name.startsWith('.'))
  t.same([...new Set([...inPairs, ...own])].sort(), programs.sort())
  t.same(
    inPairs.filter((name) => own.includes(name)),
    [],
  )
})
