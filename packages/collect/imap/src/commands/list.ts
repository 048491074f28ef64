/** LIST and LSUB (RFC 9051 §6.3.9, RFC 3501 §6.3.9, RFC 5258, RFC 5819, RFC 6154). */
import { type Command, type ListRequest, parseList, RefusedCommand } from '@yabumi/imapwire'
import { canonicalName } from '@yabumi/mailfolder'
import { matchesPattern } from '../pattern.ts'
import type { Session } from '../session.ts'
import { usesOf } from '../specialuse.ts'
import { tellMetadata } from './metadata.ts'
import { writeStatus } from './status.ts'

/** All names, and what lies above them. */
class Names {
  readonly existing: ReadonlySet<string>
  readonly subscribed: ReadonlySet<string>
  readonly #parents = new Set<string>()
  readonly #above = new Set<string>()

  constructor({ account }: Session) {
    const names = account.list()
    this.existing = new Set(names)
    this.subscribed = new Set(account.subscriptions().map(canonicalName))
    for (const name of names) for (const parent of parentsOf(name)) this.#parents.add(parent)
    for (const name of this.subscribed) for (const parent of parentsOf(name)) this.#above.add(parent)
  }

  hasChildren(name: string): boolean {
    return this.#parents.has(name)
  }

  isAboveSubscribed(name: string): boolean {
    return this.#above.has(name)
  }

  /** Every name that there is, or that others lie below, or that somebody has subscribed to. */
  get all(): string[] {
    return [...new Set([...this.existing, ...this.#parents, ...this.subscribed, ...this.#above])].sort((a, b) =>
      a === 'INBOX' ? -1 : b === 'INBOX' ? 1 : a < b ? -1 : 1,
    )
  }
}

function parentsOf(name: string): string[] {
  const parts = name.split('/')
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'))
}

export async function answerList(session: Session, { args }: Command): Promise<string> {
  const request = parseList(args)
  const { reference, patterns, extended, select } = request
  if (!extended && patterns[0] === '') {
    const root = reference.includes('/') ? reference.slice(0, reference.indexOf('/') + 1) : ''
    session.connection.put(`* LIST (\\Noselect) "/" ${root === '' ? '""' : session.show(root)}\r\n`)
    return 'that is the root'
  }
  const names = new Names(session)
  const wanted = patterns.filter((pattern) => pattern !== '').map((pattern) => session.patternOf(reference + pattern))
  for (const name of names.all) {
    if (!wanted.some((pattern) => matchesPattern(pattern, name))) continue
    const attributes = attributesOf(session, names, name, request)
    if (attributes === undefined) continue
    const isAbove = select.has('RECURSIVEMATCH') && names.isAboveSubscribed(name)
    const more = isAbove ? ' ("CHILDINFO" ("SUBSCRIBED"))' : ''
    session.connection.put(`* LIST (${attributes.join(' ')}) "/" ${session.show(name)}${more}\r\n`)
    if (request.status !== undefined && names.existing.has(name)) await writeStatus(session, name, request.status)
    if (request.metadata !== undefined && names.existing.has(name)) tellMetadata(session, name, request.metadata)
    await session.connection.room()
  }
  return 'that is all'
}

/** @returns undefined for a name that was not asked for */
function attributesOf({ account }: Session, names: Names, name: string, { extended, select, returns }: ListRequest): string[] | undefined {
  const exists = names.existing.has(name)
  const isSubscribed = names.subscribed.has(name)
  const use = exists && (!extended || wantsUse(select, returns)) ? usesOf(name, account.annotations(name)) : ''
  if (select.has('SPECIAL-USE') && use === '') return undefined
  if (select.has('SUBSCRIBED')) {
    if (!isSubscribed && !(select.has('RECURSIVEMATCH') && names.isAboveSubscribed(name))) return undefined
  } else if (!exists && !names.hasChildren(name)) return undefined
  const asked = (option: string): boolean => !extended || returns?.has(option) === true
  return [
    ...(exists ? [] : extended ? ['\\NonExistent'] : ['\\Noselect']),
    ...(asked('CHILDREN') ? [names.hasChildren(name) ? '\\HasChildren' : '\\HasNoChildren'] : []),
    ...(use === '' ? [] : [use]),
    ...(isSubscribed && (select.has('SUBSCRIBED') || returns?.has('SUBSCRIBED')) ? ['\\Subscribed'] : []),
  ]
}

function wantsUse(select: ListRequest['select'], returns: ListRequest['returns']): boolean {
  return select.has('SPECIAL-USE') || returns?.has('SPECIAL-USE') === true
}

export async function answerLsub(session: Session, { args }: Command): Promise<string> {
  const { reference, patterns, extended } = parseList(args)
  if (extended) throw new RefusedCommand('LSUB has no options')
  const names = new Names(session)
  const pattern = session.patternOf(reference + (patterns[0] ?? ''))
  for (const name of names.all) {
    if (!matchesPattern(pattern, name)) continue
    if (names.subscribed.has(name)) session.connection.put(`* LSUB () "/" ${session.show(name)}\r\n`)
    else if (pattern.includes('%') && names.isAboveSubscribed(name)) {
      session.connection.put(`* LSUB (\\Noselect) "/" ${session.show(name)}\r\n`)
    }
  }
  return 'that is all'
}
