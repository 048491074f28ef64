import t from 'tap'
import { documentProblems } from '../src/documents.ts'

const wrong = 'It comes behind.\n'
const section = '## \xa71.2 Files\n'

function tree(later: string, pages: Record<string, string>) {
  const build = { 'later.txt': later }
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
