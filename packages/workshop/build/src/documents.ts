/**
 * What is wrong in what people read.
 *
 * Pages are held against prose.ts and links.ts, and the header of each source against headers.ts. Pointers in pages and
 * comments are held against references.ts.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { headerProblems } from './headers.ts'
import { linkProblems } from './links.ts'
import { proseProblems } from './prose.ts'
import { referenceProblems, sectionsIn } from './references.ts'

/** Pages, and sources for their headers, that are still to be put into the house's English. One that is, or is new, may not stand here. */
const laterList = 'packages/workshop/build/later.txt'
const pages = ['*.md', 'docs/**/*.md', 'packages/**/README.md', 'test/**/*.md', 'control/*.md', 'queue/*.md']
const sources = ['packages/*/*/{src,test}/**/*.ts', 'test/**/*.ts', 'bin/*', 'Makefile']
const promising = 'packages/*/*/src/**/*.ts'

/** Every breach in the tree, one line each that names the file. */
export function documentProblems(root: string): string[] {
  const find = (patterns: readonly string[]): string[] =>
    globSync([...patterns], { cwd: root, exclude: (name) => name === 'node_modules' || name === 'dist' }).sort()
  const read = (file: string): string => readFileSync(join(root, file), 'utf8')
  const later = new Set(
    read(laterList)
      .split('\n')
      .filter((line) => line !== ''),
  )
  const sections = new Set(find(['docs/interfaces/*.md']).flatMap((page) => sectionsIn(read(page))))
  const now = (file: string, problems: readonly string[]): readonly string[] => {
    if (!later.delete(file)) return problems
    return problems.length === 0 ? [`${laterList}: ${file} is done; take it out`] : []
  }
  return [
    ...find(pages).flatMap((page) => now(page, proseProblems(page, read(page)))),
    ...find([promising]).flatMap((file) => now(file, headerProblems(file, read(file)))),
    ...[...later].map((file) => `${laterList}: there is no ${file}`),
    ...find(pages).flatMap((page) => linkProblems(root, page, read(page))),
    ...find([...pages, ...sources]).flatMap((file) => referenceProblems(file, read(file), sections)),
  ]
}
