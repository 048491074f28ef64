import t from 'tap'
import { proseProblems } from '../src/prose.ts'

function words(count: number): string {
  return Array.from({ length: count }, (_, index) => `w${index}`).join(' ')
}

t.test('a sentence of 25 words is taken, one of 26 is not', async (t) => {
  t.same(proseProblems('a.md', `${words(25)}. ${words(25)}.\n`.replace('. w0', '. W0').replaceAll(' w12 ', '\n')), [])
  t.match(proseProblems('a.md', `One. ${words(26)}.`.replace('. w0', '. W0').replaceAll(' w12 ', ' w\n')), [
    /^a\.md:1: a sentence of 26 words: W0 w1/,
  ])
})

t.test('code, tables, headings and the targets of links are no words', async (t) => {
  const code = `\`${words(40)}\``
  t.same(proseProblems('a.md', `${code} is ${code}.\n`.replaceAll(/ (w[123]0)/g, '\n$1')), [])
  t.same(proseProblems('a.md', ['```', words(26), '```', '', '~~~', words(26), '~~~'].join('\n')), [])
  t.same(proseProblems('a.md', `One:\n\n    ${words(20)}\n    ${words(20)}\n\nTwo.`), [])
  t.match(proseProblems('a.md', `One\n    ${words(26)}`), [/27 words/])
  t.same(proseProblems('a.md', `| ${words(26)} |\n`), [])
  t.same(proseProblems('a.md', `# ${words(26)}\n`), [])
  t.same(proseProblems('a.md', `[one](x/y) ${words(24)}.`), [])
  const links = (count: number): string => Array.from({ length: count }, (_, index) => `[l${index}](x)`).join('\n')
  t.same(proseProblems('a.md', `Here: ${links(40)}`), [], 'a row of links is a list')
  t.match(proseProblems('a.md', `${links(2)} ${words(24)}.`), [/26 words/])
})

t.test('a sentence may begin with the name of a program', async (t) => {
  t.same(proseProblems('a.md', `${words(20)}. send is one, ${words(10)}.`), [])
})

t.test('each item of a list is a paragraph, and goes on over its lines', async (t) => {
  t.same(proseProblems('a.md', `- ${words(20)}\n- ${words(20)}\n1. ${words(20)}\n`), [])
  t.match(proseProblems('a.md', `text\n\n- ${words(20)}\n  ${words(6)}\n`), [/^a\.md:3: a sentence of 26 words/])
})

t.test('a full stop within a name or an abbreviation ends no sentence', async (t) => {
  const [problem] = proseProblems('a.md', `${words(20)} (e.g. the file) README.md is read as it stands.`)
  t.match(problem, /29 words/)
})

t.test('a line has 120 columns at most, but where nothing can be wrapped', async (t) => {
  t.same(proseProblems('a.md', `${'x'.repeat(60)} ${'y'.repeat(59)}`), [])
  t.same(proseProblems('a.md', `${'x'.repeat(60)} ${'y'.repeat(60)}`), ['a.md:1: 121 columns, more than 120'])
  t.same(proseProblems('a.md', `- ${'x'.repeat(130)}`), [])
  t.same(proseProblems('a.md', ['```', `${'x'.repeat(90)} ${'y'.repeat(90)}`, '```'].join('\n')), [])
})

t.test('words that have a plainer one are named', async (t) => {
  t.same(proseProblems('a.md', 'It comes\nbehind the other.'), ['a.md:1: say "after", not "behind"'])
  t.same(proseProblems('a.md', 'Mostly harmless, `mostly` code.'), ['a.md:1: say "usually", not "mostly"'])
  t.same(proseProblems('a.md', 'Only `behind` as code.'), [])
})
