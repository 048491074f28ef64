/** Which messages are meant: criteria from a command line. Different ones must all hold; of one given twice, either. */
import { lowerCase, splitAddress } from '@yabumi/address'
import { isMessageId, type MessageId } from '@yabumi/queuedir'
import { Trouble } from '@yabumi/trouble'

/** Plain data: it goes to a second thread. Addresses are byte strings in lower case; undefined where not asked for. */
export interface Criteria {
  readonly ids: readonly MessageId[] | undefined
  readonly senders: readonly string[] | undefined
  readonly recipients: readonly string[] | undefined
  readonly domains: readonly string[] | undefined
  /** In seconds. */
  readonly olderThan: number | undefined
  readonly youngerThan: number | undefined
}

/** What a command line says; as yargs gives it. */
export interface Words {
  readonly _: readonly (string | number)[]
  readonly sender?: readonly string[] | undefined
  readonly recipient?: readonly string[] | undefined
  readonly domain?: readonly string[] | undefined
  readonly older?: string | undefined
  readonly younger?: string | undefined
  readonly all: boolean
}

/** @throws Trouble 5.5.4 for words that make no sense, or none where all messages would be meant */
export function parseCriteria({ _, sender, recipient, domain, older, younger, all }: Words): Criteria {
  const ids = _.map((word) => parseId(String(word)))
  const criteria: Criteria = {
    ids: ids.length === 0 ? undefined : ids,
    senders: sender?.map((address) => (address === '<>' ? '' : folded(address))),
    recipients: recipient?.map(folded),
    domains: domain?.map(folded),
    olderThan: older === undefined ? undefined : parseDuration(older),
    youngerThan: younger === undefined ? undefined : parseDuration(younger),
  }
  const isEmpty = Object.values(criteria).every((value) => value === undefined)
  if (isEmpty && !all)
    throw new Trouble('5.5.4', 'say which messages: NUMBER, --sender, --recipient, --domain, --older, --younger, or --all')
  if (!isEmpty && all) throw new Trouble('5.5.4', '--all means all messages; leave it out, or everything else')
  return criteria
}

function parseId(word: string): MessageId {
  const id = word.replace(/^#/, '')
  if (!isMessageId(id)) throw new Trouble('5.5.4', `${word} is not the number of a message`)
  return id.replace(/^0+(?=.)/, '')
}

/** Arguments come as UTF-8, addresses are bytes. */
function folded(text: string): string {
  return lowerCase(Buffer.from(text, 'utf8').toString('latin1'))
}

const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

function parseDuration(text: string): number {
  const [, digits, unit = 's'] = /^([0-9]{1,9})([smhdw])?$/.exec(text) ?? []
  if (digits === undefined) throw new Trouble('5.5.4', `${text} is no duration; write 90, 90s, 15m, 12h, 3d or 2w`)
  return Number(digits) * (unitSeconds[unit] as number)
}

/** Whether an address is one of those asked for. `*` stands for anything. */
export function matchesAddress(address: string, patterns: readonly string[]): boolean {
  const text = lowerCase(address)
  return patterns.some((pattern) => (pattern.includes('*') ? matchesWild(text, pattern.split('*')) : text === pattern))
}

/** Without a regular expression: a pattern is somebody's words. */
function matchesWild(text: string, pieces: readonly string[]): boolean {
  const [first = '', ...more] = pieces
  const last = more.pop() ?? ''
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  let at = first.length
  for (const piece of more) {
    const found = text.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= text.length - last.length
}

/** Whether an address is at one of the domains; `.example.org` is every domain below that. */
export function matchesDomain(address: string, domains: readonly string[]): boolean {
  const domain = lowerCase(splitAddress(address).domain ?? '')
  return domains.some((wanted) => (wanted.startsWith('.') ? domain.endsWith(wanted) : domain === wanted))
}
