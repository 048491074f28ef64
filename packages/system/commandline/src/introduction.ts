/**
 * What every program answers before it does anything: `--help`, `--version`, and an option where it has none.
 *
 * The build puts a call at the beginning of each program, with what the program's manual page says
 * (packages/workshop/build). Programs with options of their own read the rest themselves, and say more at `--help`.
 */
import { writeSync } from 'node:fs'
import { basename } from 'node:path'
import { nameProcess } from './processname.ts'

/** What a program is, in the words of its manual page. */
export interface Introduction {
  readonly name: string
  readonly version: string
  readonly about: string
  /** Lines; the first one begins with the name. */
  readonly synopsis: readonly string[]
  /** Lines; none where the synopsis is one. */
  readonly example: readonly string[]
  /** Whether it answers `--help` itself, with the list of its options. */
  readonly listsOptions: boolean
}

/** Whose first argument is anybody's words: the local part of an address. */
const words = new Set(['getpw'])
/** What has no options, and takes no first argument that could begin so. */
const optionless = new Set(
  [
    [
      'elq',
      'maildir2mbox',
      'maildirmake',
      'maildirwatch',
      'mailsubj',
      'newmrh',
      'newu',
      'pinq',
      'qail',
      'qbiff',
      'qstat',
      'showctl',
      'tcpok',
      'tcpto',
    ],
    ['qmqpc', 'qmqpd', 'qmtpd', 'sessionlog', 'srsfilter'],
  ].flat(),
)
/** Name the process if it stays; end the program with an answer, if that is all that was asked for. */
export function introduce(introduction: Introduction): void {
  const { name, version, listsOptions } = introduction
  nameProcess(name)
  const [called = name, word = '', ...more] = process.argv.slice(2)
  if (!word.startsWith('--') || words.has(name)) return
  const calledName = basename(called)
  const isAlone = more.length === 0
  if (word === '--version' && isAlone) answer(1, `${calledName} (yabumi) ${version}\n`, 0)
  if (word === '--help' && isAlone && !listsOptions) answer(1, helpText(introduction, calledName), 0)
  if (word !== '--' && optionless.has(name)) answer(2, `${calledName}: there is no option ${word}; see ${calledName} --help\n`, 100)
}

function helpText({ name, about, synopsis, example }: Introduction, called: string): string {
  const lines = (each: readonly string[]) => each.map((line) => `    ${line}\n`).join('')
  const usage = synopsis.map((line) => (line.startsWith(name) ? called + line.slice(name.length) : line))
  return `${called}: ${about}\n\nUsage:\n${lines(usage)}\nExample:\n${lines(example.length === 0 ? usage.slice(0, 1) : example)}`
}

function answer(fd: 1 | 2, text: string, code: 0 | 100): never {
  try {
    writeSync(fd, text)
  } catch {
    // nobody reads it
  }
  process.exit(code)
}
