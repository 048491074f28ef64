import t from 'tap'
import { documentProblems } from '../src/documents.ts'

const wrong = 'It comes behind.\n'
const section = '## \xa71.2 Files\n'

function tree(later: string, pages: Record<string, string>, src: Record<string, string> = {}) {
  const build = { 'later.txt': later, src }
  return t.testdir({ docs: { interfaces: { 'a.md': section } }, packages: { workshop: { build } }, ...pages })
}

t.test('a page on the list may be wrong, and must go from it once it is not', async (t) => {
  t.same(documentProblems(tree('README.md\n', { 'README.md': wrong })), [])
  t.match(documentProblems(tree('', { 'README.md': wrong })), [/^README\.md:1: /])
  t.same(documentProblems(tree('README.md\n', { 'README.md': 'Right.\n' })), [
    'packages/workshop/build/later.txt: README.md is done; take it out',
  ])
  t.same(documentProblems(tree('GONE.md\n', {})), ['packages/workshop/build/later.txt: there is no GONE.md'])
})

t.test('pointers are read in pages that are on the list, too', async (t) => {
  const page = `${wrong}See spec \xa71.2, spec \xa71.3.\n`
  t.same(documentProblems(tree('README.md\n', { 'README.md': page })), ['README.md:2: spec \xa71.3 is in no page of docs/interfaces'])
})

t.test('a source begins with what it promises, before its imports', async (t) => {
  const imports = "import { join } from 'node:path'\n"
  const header = '/** Paths are joined. */\n'
  const wrong = (source: string) => documentProblems(tree('', {}, { 'a.ts': source }))
  const refused = ['packages/workshop/build/src/a.ts: begins without a comment that says what it promises']
  t.same(wrong(header + imports), [])
  t.same(wrong(`#!/usr/bin/env node\n\n${header}${imports}`), [])
  t.same(wrong(imports + header), refused)
  t.same(wrong(`#!/usr/bin/env node\n${imports}`), refused)
  t.same(wrong(`// Paths are joined.\n${imports}`), refused)
  t.same(wrong(''), refused)
})

t.test('what a source promises is held to what pages are held to, and may be on the list', async (t) => {
  const long = `${'word '.repeat(25)}word.`
  const problems = (header: string, later = '') => documentProblems(tree(later, {}, { 'a.ts': header }))
  t.match(problems(`/**\n * One.\n *\n * ${long}\n */\n`), [/a\.ts:4: 133 columns/, /a\.ts:4: a sentence of 26 words/])
  t.match(problems('/** What comes behind. */'), [/a\.ts:1: say "after"/])
  t.same(problems(`/**\n * Some.\n *\n * In      ${'word '.repeat(14)}\n * Crash   ${'word '.repeat(14)}\n */\n// ${long}`), [])
  t.same(problems('/** What comes behind. */', 'packages/workshop/build/src/a.ts\n'), [])
  t.same(problems('/** It comes after. */', 'packages/workshop/build/src/a.ts\n'), [
    'packages/workshop/build/later.txt: packages/workshop/build/src/a.ts is done; take it out',
  ])
})
