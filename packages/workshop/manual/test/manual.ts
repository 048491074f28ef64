import t from 'tap'
import { manualPage, optionsOf, singleOptions } from '../src/index.ts'

const title = { name: 'sort-mail', section: 8, date: '2026-11-22', version: '0.1.0', sectionOf: () => 1 }
const page = (markdown: string): string => manualPage(markdown, title)

t.test('the first sentence is the purpose, the first block that calls the program the synopsis', async (t) => {
  const text = page('# sort-mail\n\nSort mail by `Subject`. Slowly.\n\n    sort-mail [-n] DIR\n\nMore.\n')
  t.match(text, /^\.TH SORT\\-MAIL 8 2026-11-22 "yabumi 0\.1\.0" "yabumi manual"\n\.SH NAME\nsort-mail \\- sort mail by Subject\n/)
  t.match(text, '.SH SYNOPSIS\n.nf\nsort\\-mail [\\-n] DIR\n.fi\n.SH DESCRIPTION\nSort mail by \\fBSubject\\fR. Slowly.\n.PP\nMore.\n')
})

t.test('a block before the synopsis that only mentions the program is an example', async (t) => {
  const text = page('# sort-mail\n\nSort.\n\n    |sort-mail x\n\n    sort-mail DIR\n')
  t.match(text, '.SH SYNOPSIS\n.nf\nsort\\-mail DIR\n')
  t.match(text, '.RS 4\n.nf\n|sort\\-mail x\n.fi\n.RE\n')
})

t.test('headings and bold leads become sections', async (t) => {
  const text = page('# sort-mail\n\nSort.\n\n**Environment.** `A`. **Files**: none.\n\n**Exit codes**\n\n0\n\n## When\n\n### Now\n\nx\n')
  t.match(text, '.SH ENVIRONMENT\n\\fBA\\fR.\n.SH FILES\nnone.\n.SH "EXIT CODES"\n0\n.SS Now\nx\n'.replace('.SS', '.SH WHEN\n.SS'))
  t.match(page('# x\n\nSort.\n\n**The password** is x.\n'), '\\fBThe password\\fR is x.')
})

t.test('a table is a list; columns beyond the second have their names', async (t) => {
  t.match(page('# x\n\nS.\n\n| a | b |\n| --- | --- |\n| `-n` | no \\| yes |\n'), '.TP\n\\fB\\-n\\fR\nno | yes\n')
  t.match(page('# x\n\nS.\n\n| a | b | c |\n| - | - | - |\n| k | l | m |\n'), '.TP\nk\n\\fIb:\\fR l\n.br\n\\fIc:\\fR m\n')
  t.match(page('# x\n\nS.\n\n| a | b | a | b |\n| - | - | - | - |\n| 1 | one | 2 | two |\n'), '.TP\n1\none\n.TP\n2\ntwo\n')
})

t.test('no line of text is taken for a request, and every character is what it was', async (t) => {
  const text = page("# x\n\nS.\n\n'quoted' \\ first\n\n    .SH x\n    'y\n\n- `~/.qmail` ^ ü\n")
  t.match(text, "\n\\&'quoted' \\(rs first\n")
  t.match(text, '\n\\&.SH x\n\\(aqy\n')
  t.match(text, '.IP \\(bu 2\n\\fB\\(ti/.qmail\\fR \\(ha \\[u00FC]\n')
})

t.test('a link to a README is a reference to a page, any other link its words', async (t) => {
  t.match(page('# x\n\nS.\n\nSee [queue](../queue/README.md) and [this](that.md).\n'), 'See \\fBqueue\\fR(1) and this.')
  const noPages = manualPage('# x\n\nS.\n\nSee [store](../../store/README.md).\n', { ...title, sectionOf: () => undefined })
  t.match(noPages, 'See \\fBstore\\fR.')
})

t.test('whatever stands in a README, there is a page', async (t) => {
  for (const text of ['', '#', '|', '|||\n|', '**', '    ', '```', '- \n 1.', '[x](', '`'.repeat(7)]) {
    t.match(page(text), /^\.TH [^\n]+\n\.SH NAME\nsort-mail/, JSON.stringify(text))
  }
})

t.test('the options of a README', async (t) => {
  const markdown = '# x\n\nS.\n\n    df -h | x\n    x [-nN] [-f FILE] -bs\n      --listen ADDR\n\nAs `y -z`; not -q.\n'
  const { synopsis, anywhere } = optionsOf(markdown, 'x')
  t.same([...synopsis], ['-nN', '-f', '-bs'])
  t.same([...anywhere], ['-nN', '-f', '-bs', '-z'])
  t.same(
    [...optionsOf('# x\n\nS.\n\n    x [--a]\n          [--b N]\n', 'x').synopsis],
    ['--a', '--b'],
    'a synopsis goes on in the next line',
  )
  t.same(singleOptions('-nN', 'nN'), ['-n', '-N'])
  t.same(singleOptions('-bs', 'b:'), ['-b'])
  t.same(singleOptions('--ready-fd', ''), ['--ready-fd'])
})
