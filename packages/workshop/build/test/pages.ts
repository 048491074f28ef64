/** The manual pages of this checkout: whole, tidy, and telling of the options that there are. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pagesOf, programsOf } from '@yabumi/manual'
import { execa } from 'execa'
import t from 'tap'
import { optionProblems, optionsTaken } from '../src/options.ts'

const root = join(import.meta.dirname, '../../../..')
const { exitCode } = await execa('sh', ['-c', 'command -v mandoc'], { reject: false })

t.test('every program has a page with its purpose', async (t) => {
  const pages = new Map(pagesOf(root).map((page) => [page.name, page]))
  for (const program of programsOf(root)) {
    t.match(pages.get(program)?.text, new RegExp(`\\.SH NAME\\n${program} \\\\- \\S`), program)
  }
})

t.test(
  'mandoc has nothing to say about any page',
  { skip: exitCode !== 0 && 'not on this machine: mandoc (make peers installs it)' },
  async (t) => {
    const directory = t.testdir()
    for (const { name, section, text } of pagesOf(root)) {
      const file = join(directory, `man${section}`, `${name}.${section}`)
      mkdirSync(join(directory, `man${section}`), { recursive: true })
      writeFileSync(file, text)
      const { stdout } = await execa('mandoc', ['-Tlint', file], { reject: false })
      t.equal(stdout, '', `${name}(${section})`)
    }
  },
)

t.test('each README tells of exactly the options that its program takes', async (t) => {
  for (const program of programsOf(root)) t.same(optionProblems(root, program), [], program)
})

t.test('the options are found in the sources', async (t) => {
  t.match(optionsTaken(root, 'inject'), { letters: 'aAhHnNf:', long: [] })
  t.match(optionsTaken(root, 'sendmail').letters, /^vimt/)
  t.same(optionsTaken(root, 'local'), { letters: 'nN', long: ['--worker'] })
  const { long } = optionsTaken(root, 'supervise')
  t.same(long.slice(0, 6), ['--smtp', '--smtps', '--smtp-rules', '--submission', '--submissions', '--pop3'])
})
