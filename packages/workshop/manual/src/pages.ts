/** The pages of a checkout: one for each program, and those about the whole. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { directoryOf, programsOf } from './packages.ts'
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
    ['elq', 'fetchbox', 'maildir2mbox', 'maildirmake', 'maildirwatch', 'pinq', 'qail'],
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

/** Every page of a checkout, made of the READMEs as they are now. */
export function pagesOf(root: string): Page[] {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const programs = programsOf(root).map((name) => ({ name, section: sectionOf(name), source: `${directoryOf(root, name)}/README.md` }))
  const sections = new Map(programs.map(({ name, section }) => [name, section]))
  const sources = [...programs, ...aboutTheWhole].filter(({ source }) => existsSync(join(root, source)))
  return sources.map(({ name, section, source }) => {
    const path = join(root, source)
    const date = statSync(path).mtime.toISOString().slice(0, 10)
    const title = { name, section, date, version, sectionOf: (program: string) => sections.get(program) }
    return { name, section, text: manualPage(readFileSync(path, 'utf8'), title) }
  })
}
