import t from 'tap'
import { referenceProblems, sectionsIn } from '../src/references.ts'

const mark = '\xa7'
const sections = new Set(['1.2', '2', '2.7.5'])

function problems(text: string): string[] {
  return referenceProblems('a.ts', text.replaceAll('$', mark), sections)
}

t.test('sections are what headings and items of the index begin with', async (t) => {
  const page = `# Title\n\n## ${mark}1.2 File formats\n\n- ${mark}2 the programs\n\nas ${mark}3 says\n`
  t.same(sectionsIn(page), ['1.2', '2'])
  t.same(referenceProblems('p.md', `## ${mark}1.2 File formats\n`, sections), [])
})

t.test('a section of the specification that no page has is named with its line', async (t) => {
  t.same(problems('/** (spec $1.2, $2.7.5). */'), [])
  t.same(problems('\n/** (spec $1.2,\n * $2.7.6). */'), [`a.ts:2: spec ${mark}2.7.6 is in no page of docs/interfaces`])
  t.same(problems('// Spec $9.'), [`a.ts:1: spec ${mark}9 is in no page of docs/interfaces`])
})

t.test('a section belongs to something that is named', async (t) => {
  t.same(problems('RFC 5321 $4.5.3, INTERNALS.md $1, SECURITY.md $2, [INTERNALS.md](INTERNALS.md) $3 and $4'), [])
  t.same(problems('as $2 says'), ['a.ts:1: a section of what?'])
  t.same(problems('spec $1.2; and $2'), ['a.ts:1: a section of what?'])
})

t.test('an RFC and its section are written in one way', async (t) => {
  t.same(problems('RFC 5321 $4.5.3.1, RFC 6376 $3.5 and $5.4, RFC 9051 appendix A, RFC 1939, RFC822.SIZE'), [])
  for (const wrong of ['5321', '-5321', ' 5321 section 4', ' 5321, Section 4', ' 5321 sec. 4']) {
    t.match(problems(`RFC${wrong}`), [/^a\.ts:1: RFC.*: write it as RFC 5321/], wrong)
  }
})
