import t from 'tap'
import { linkProblems } from '../src/links.ts'

t.test('a link leads to a file, and to a heading of a page', async (t) => {
  const root = t.testdir({ docs: { 'a.md': '# A b: `c`\n', 'x.svg': '' } })
  const problems = (link: string): string[] => linkProblems(root, 'docs/b.md', `see [it](${link}) and \`[not](this)\`\n`)
  for (const right of ['a.md', '../docs', 'x.svg', 'a.md#a-b-c', 'https://example.org/x']) t.same(problems(right), [], right)
  t.same(problems('gone.md'), ['docs/b.md: gone.md leads to no file'])
  t.same(problems('a.md#b'), ['docs/b.md: a.md#b leads to no heading'])
  t.same(linkProblems(root, 'docs/a.md', '[up](#a-b-c) [down](#z)'), ['docs/a.md: #z leads to no heading'])
})
