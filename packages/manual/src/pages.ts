/** The pages of a checkout: one for each program, and those about the whole. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { manualPage } from './page.ts'

export interface Page {
  /** Of the program, or `yabumi`, `yabumi-control`. */
  readonly name: string
  readonly section: number
  /** man(7) source. */
  readonly text: string
}

/** What people and their .qmail files call; everything else is the administrator's. */
const forPeople = new Set(
  [
    ['bouncesaying', 'condredirect', 'except', 'forward', 'preline', 'qbiff', 'qreceipt', 'qsmhook', 'srsfilter'],
    ['datemail', 'mailsubj', 'predate', 'tcp-env'],
    ['elq', 'maildir2mbox', 'maildirmake', 'maildirwatch', 'pinq', 'qail'],
  ].flat(),
)
const aboutTheWhole = [
  { name: 'yabumi', section: 7, source: 'README.md' },
  { name: 'yabumi-control', section: 5, source: 'control/README.md' },
]

/** The section of a program's page, as qmail's manual has it. */
export function sectionOf(program: string): number {
  return forPeople.has(program) ? 1 : 8
}

/** Names of the programs of a checkout: its packages with a main. */
export function programsOf(root: string): string[] {
  const packages = join(root, 'packages')
  return readdirSync(packages)
    .filter((name) => existsSync(join(packages, name, 'src/main.ts')))
    .sort()
}

/** Every page of a checkout, made of the READMEs as they are now. */
export function pagesOf(root: string): Page[] {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const programs = programsOf(root).map((name) => ({ name, section: sectionOf(name), source: `packages/${name}/README.md` }))
  const sources = [...programs, ...aboutTheWhole].filter(({ source }) => existsSync(join(root, source)))
  return sources.map(({ name, section, source }) => {
    const path = join(root, source)
    const date = statSync(path).mtime.toISOString().slice(0, 10)
    return { name, section, text: manualPage(readFileSync(path, 'utf8'), { name, section, date, version, sectionOf }) }
  })
}
