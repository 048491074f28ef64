/** GETMETADATA and SETMETADATA, and what LIST tells of it (RFC 5464, RFC 9590). */
import { type Command, literalHead, parseGetMetadata, parseSetMetadata, RefusedCommand, writeAstring, writeNstring } from '@yabumi/imapwire'
import { annotationBytes } from '@yabumi/limits'
import type { Annotations } from '@yabumi/mailfolder'
import type { Session } from '../session.ts'

type Values = ReadonlyMap<string, string>

export async function answerGetMetadata(session: Session, { args }: Command): Promise<string> {
  const { mailbox, entries, maxSize, depth } = parseGetMetadata(args)
  const [name, annotations] = annotationsOf(session, mailbox)
  const values = annotations.read()
  const found = new Map(entries.flatMap((entry) => entriesOf(values, entry, depth)))
  const longest = Math.max(0, ...[...found.values()].map((value) => value?.length ?? 0))
  const isLong = maxSize !== undefined && longest > maxSize
  tell(session, name, isLong ? [...found].filter(([, value]) => (value?.length ?? 0) <= maxSize) : [...found])
  return `${isLong ? `[METADATA LONGENTRIES ${longest}] ` : ''}that is all`
}

export async function answerSetMetadata(session: Session, { args }: Command): Promise<string> {
  const { mailbox, entries } = parseSetMetadata(args)
  if (entries.some(({ value }) => (value?.length ?? 0) > annotationBytes)) {
    throw new RefusedCommand('a value is too long', `METADATA MAXSIZE ${annotationBytes}`)
  }
  await annotationsOf(session, mailbox)[1].change(entries)
  return 'noted'
}

/** For LIST. @param name - of a mailbox that exists */
export function tellMetadata(session: Session, name: string, entries: readonly string[]): void {
  const values = session.account.annotations(name).read()
  const found = entries.map((entry) => [entry, values.get(entry)] as const)
  tell(session, name, found)
}

function tell(session: Session, name: string, found: readonly (readonly [string, string | undefined])[]): void {
  if (found.length === 0) return
  const words = found.map(([entry, value]) => `${writeAstring(entry)} ${written(value)}`)
  session.connection.put(`* METADATA ${session.show(name)} (${words.join(' ')})\r\n`)
}

/** Undefined where there is no such entry; with a depth, only what there is. */
function entriesOf(values: Values, entry: string, depth: 0 | 1 | 'infinity'): (readonly [string, string | undefined])[] {
  if (depth === 0) return [[entry, values.get(entry)]]
  return [...values].filter(([name]) => {
    const below = name.startsWith(`${entry}/`) ? name.slice(entry.length + 1) : undefined
    return name === entry || (below !== undefined && (depth === 'infinity' || !below.includes('/')))
  })
}

function written(value: string | undefined): string {
  return value?.includes('\0') ? `${literalHead(value.length, true)}${value}` : writeNstring(value)
}

/** @param written - the mailbox, or nothing for the server. @returns its name, and what is noted of it. @throws Refusal NONEXISTENT */
function annotationsOf(session: Session, written: string): [name: string, annotations: Annotations] {
  const name = written === '' ? '' : session.nameOf(written)
  return [name, session.account.annotations(name)]
}
