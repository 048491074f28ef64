/** The arguments of NOTIFY: which mailboxes, and what of them (RFC 5465 §5). */
import { Arguments } from './arguments.ts'
import { BadCommand, RefusedCommand } from './bad.ts'
import { type FetchItem, parseFetchItems } from './fetch.ts'
import type { Token } from './token.ts'

const filters = new Set(['SELECTED', 'SELECTED-DELAYED', 'INBOXES', 'PERSONAL', 'SUBSCRIBED', 'SUBTREE', 'MAILBOXES'])
const events = new Set(['MESSAGENEW', 'MESSAGEEXPUNGE', 'FLAGCHANGE', 'MAILBOXNAME', 'SUBSCRIPTIONCHANGE'])

export interface EventGroup {
  /** In upper case: `SELECTED`, `SUBTREE`. */
  readonly filter: string
  /** Names of SUBTREE and MAILBOXES, as written. */
  readonly mailboxes: readonly string[]
  /** In upper case; none of NONE. */
  readonly events: ReadonlySet<string>
  /** What MessageNew of the selected mailbox reports. */
  readonly items: readonly FetchItem[]
}

/** `NOTIFY NONE` has no groups. */
export interface NotifyRequest {
  readonly status: boolean
  readonly groups: readonly EventGroup[]
}

/** @throws BadCommand, RefusedCommand - with BADEVENT for events that we do not tell */
export function parseNotify(tokens: readonly Token[]): NotifyRequest {
  const args = new Arguments(tokens)
  const how = args.keyword('arguments')
  if (how === 'NONE') {
    args.end()
    return { status: false, groups: [] }
  }
  if (how !== 'SET') throw new BadCommand('Invalid arguments')
  const status = args.takeKeyword('STATUS')
  const groups: EventGroup[] = []
  while (!args.atEnd) groups.push(parseGroup(args.list('event group')))
  if (groups.filter(({ filter }) => filter.startsWith('SELECTED')).length > 1) throw new BadCommand('The selected mailbox has one group')
  if (groups.length === 0) throw new BadCommand('Missing event group')
  return { status, groups }
}

function parseGroup(list: Arguments): EventGroup {
  const filter = list.keyword('mailbox filter')
  if (!filters.has(filter)) throw new BadCommand('Invalid arguments')
  const mailboxes = filter === 'SUBTREE' || filter === 'MAILBOXES' ? namesOf(list) : []
  const found = new Set<string>()
  const items: FetchItem[] = []
  if (!list.takeKeyword('NONE')) {
    const names = list.list('events')
    while (!names.atEnd) {
      const event = names.keyword('event')
      if (!events.has(event)) throw new RefusedCommand('Unknown event', badEvent)
      found.add(event)
      if (event === 'MESSAGENEW' && names.peek()?.type === 'list') items.push(...parseFetchItems(names))
    }
  }
  list.end()
  if (found.has('MESSAGENEW') !== found.has('MESSAGEEXPUNGE')) throw new BadCommand('MessageNew and MessageExpunge come together')
  if (found.has('FLAGCHANGE') && !found.has('MESSAGENEW')) throw new BadCommand('FlagChange needs MessageNew')
  return { filter, mailboxes, events: found, items }
}

const badEvent = 'BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange)'

function namesOf(list: Arguments): string[] {
  const names = list.takeList()
  if (names === undefined) return [list.astring('mailbox name')]
  const found: string[] = []
  while (!names.atEnd) found.push(names.astring('mailbox name'))
  if (found.length === 0) throw new BadCommand('Missing mailbox name')
  return found
}
