/**
 * The text of /etc/aliases (aliases(5) of sendmail), and what a database of it holds: the records and their order are
 * those of fastforward's newaliases.
 */
import { addressIn, behind, isDomain } from '@yabumi/address'
import { commandsKey, encodeCommands, ownerKey } from '@yabumi/aliasdb'
import { Trouble } from '@yabumi/trouble'
import { commandsIn } from './commands.ts'
import type { Completion } from './hosts.ts'

type CdbRecord = readonly [key: Buffer, data: Buffer]

/** An instruction, over one line or several. */
interface Entry {
  readonly text: string
  /** Of its first line, from 1. */
  readonly line: number
}

const ownerPrefix = 'owner-'

/**
 * The records of a database.
 *
 * @param file - how the text is called in complaints
 * @throws Trouble 5.6.0 that names the first line that nobody can read, or that repeats a target
 */
export function recordsOf(text: string, file: string, hosts: Completion): CdbRecord[] {
  const seen = new Map<string, number>()
  return entriesIn(text).flatMap(({ text: entry, line }) => {
    const fail = (problem: string) => new Trouble('5.6.0', `${file} line ${line}: ${problem}`)
    const end = colonIn(entry)
    if (end === undefined) throw fail('there is no colon behind a name')
    const target = targetIn(entry.slice(0, end))
    if (target === undefined) throw fail(`no name, name@host or @host: ${entry.slice(0, end).trim()}`)
    const key = commandsKey(target)
    const earlier = seen.get(key.toString('latin1'))
    if (earlier !== undefined) throw fail(`${target} stands in line ${earlier} already`)
    seen.set(key.toString('latin1'), line)
    try {
      const commands = commandsIn(entry.slice(end + 1), hosts)
      if (commands.length === 0) throw new Error(`${target} has no recipient`)
      return [...ownerOf(target, hosts), [key, encodeCommands(commands)] as const]
    } catch (error) {
      throw fail((error as Error).message)
    }
  })
}

/** Lines that begin with a blank, and empty ones, go on with the one before. An instruction or a comment begins in each other line. */
function entriesIn(text: string): Entry[] {
  const entries: { text: string; line: number }[] = []
  for (const [index, line] of text
    .replace(/^\xef\xbb\xbf/, '')
    .replaceAll('\r\n', '\n')
    .split('\n')
    .entries()) {
    const last = entries.at(-1)
    if (last !== undefined && /^([ \t]|$)/.test(line)) last.text += `\n${line}`
    else entries.push({ text: line, line: index + 1 })
  }
  return entries.filter((entry) => !entry.text.startsWith('#') && entry.text.trim() !== '')
}

/** The place of the first colon that is in no string and no comment. */
function colonIn(text: string): number | undefined {
  try {
    for (let position = 0; position < text.length; position = behind(text, position)) if (text[position] === ':') return position
  } catch {
    // something is not closed
  }
  return undefined
}

/** @returns undefined if it is none */
function targetIn(text: string): string | undefined {
  const bare = withoutComments(text).trim()
  if (bare.startsWith('@')) return isDomain(bare.slice(1)) && bare !== '@' ? bare : undefined
  const name = addressIn(bare)
  if (!name || name.endsWith('@')) return undefined
  return name.includes('@') ? name : `${name}@`
}

function withoutComments(text: string): string {
  let bare = ''
  for (let position = 0; position < text.length; ) {
    const end = behind(text, position)
    if (text[position] !== '(') bare += text.slice(position, end)
    position = end
  }
  return bare
}

/** `owner-list` is the sender of what is sent on by `list`. */
function ownerOf(target: string, hosts: Completion): CdbRecord[] {
  if (target.slice(0, ownerPrefix.length).toLowerCase() !== ownerPrefix) return []
  const owner = hosts.complete(target.replace(/@$/, ''))
  return [[ownerKey(target.slice(ownerPrefix.length)), Buffer.from(owner, 'latin1')]]
}
