/**
 * What is wrong in what people read: pages against prose.ts and links.ts, pointers in pages and comments against references.ts, and
 * sources that do not begin with what they promise.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { linkProblems } from './links.ts'
import { proseProblems } from './prose.ts'
import { referenceProblems, sectionsIn } from './references.ts'

/** Pages that are still to be put into the house's English. A page that is, or that is new, may not stand here. */
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
  const prose = find(pages).flatMap((page) => {
    const problems = proseProblems(page, read(page))
    if (!later.delete(page)) return problems
    return problems.length === 0 ? [`${laterList}: ${page} is done; take it out`] : []
  })
  return [
    ...prose,
    ...[...later].map((page) => `${laterList}: there is no ${page}`),
    ...find(pages).flatMap((page) => linkProblems(root, page, read(page))),
    ...find([...pages, ...sources]).flatMap((file) => referenceProblems(file, read(file), sections)),
    ...find([promising]).flatMap((file) => (hasHeader(read(file)) ? [] : [`${file}: begins without a comment that says what it promises`])),
  ]
}

function hasHeader(source: string): boolean {
  return /^(#!.*\n)?\s*\/\*\*/.test(source)
}
