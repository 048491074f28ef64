/** Whether a message is what a search wants (RFC 9051 §6.4.4). */
import { type NumberSet, resolveSet, type SearchKey } from '@yabumi/imapwire'
import { decodeHeader, parseAddresses } from '@yabumi/mimeparts'
import { foldText } from './fold.ts'
import type { SearchMessage } from './message.ts'
import { parseMessageDate } from './messagedate.ts'
import { occurs } from './texts.ts'

/** What a program's words mean at the moment: `*` of numbers and of UIDs, `$` of both, and now. */
export interface SearchContext {
  /** How many messages there are, which is the highest number. */
  readonly exists: number
  /** The highest UID; 0 of an empty mailbox. */
  readonly lastUid: number
  readonly savedNumbers: NumberSet
  readonly savedUids: NumberSet
  readonly nowSeconds: number
}

/** `index` needs what is known of all messages, `header` some fields, `body` the message itself. */
export type SearchCost = 'index' | 'header' | 'body'

export interface SearchProgram {
  readonly cost: SearchCost
  matches(message: SearchMessage): boolean
}

type Test = (message: SearchMessage) => boolean
interface Step {
  readonly cost: number
  readonly test: Test
}

const costs: readonly SearchCost[] = ['index', 'header', 'body']

/** A program that asks for cheap things first. Texts are folded once. */
export function compileSearch(key: SearchKey, context: SearchContext): SearchProgram {
  const { cost, test } = stepOf(key, context)
  return { cost: costs[cost] as SearchCost, matches: test }
}

/** Whether a search asks for mod-sequences, so that its answer tells the highest. */
export function asksForModseq(key: SearchKey): boolean {
  return asksFor(key, 'modseq')
}

/** Whether a search names messages by their numbers. */
export function asksForNumbers(key: SearchKey): boolean {
  return asksFor(key, 'numbers')
}

function asksFor(key: SearchKey, what: SearchKey['key']): boolean {
  if (key.key === 'not') return asksFor(key.of, what)
  return key.key === 'and' || key.key === 'or' ? key.keys.some((one) => asksFor(one, what)) : key.key === what
}

function stepOf(key: SearchKey, context: SearchContext): Step {
  switch (key.key) {
    case 'and':
    case 'or': {
      const steps = key.keys.map((one) => stepOf(one, context)).sort((a, b) => a.cost - b.cost)
      const cost = steps.at(-1)?.cost ?? 0
      const tests = steps.map(({ test }) => test)
      return { cost, test: key.key === 'and' ? (m) => tests.every((test) => test(m)) : (m) => tests.some((test) => test(m)) }
    }
    case 'not': {
      const { cost, test } = stepOf(key.of, context)
      return { cost, test: (message) => !test(message) }
    }
    case 'header':
      return { cost: 1, test: headerTest(key.name.toUpperCase(), foldText(key.text)) }
    case 'body':
    case 'text':
      return { cost: 2, test: textTest(foldText(key.text), key.key === 'text') }
    case 'date':
      return { cost: key.of === 'sent' ? 1 : 0, test: dateTest(key) }
    default:
      return { cost: 0, test: indexTest(key, context) }
  }
}

function headerTest(name: string, needle: string): Test {
  return (message) => {
    const values = message.fields(name)
    if (needle === '') return values.length > 0
    return values.some((value) => has(value, needle) || (addressFields.has(name) && has(addressText(value), needle)))
  }
}

const addressFields = new Set(['FROM', 'SENDER', 'REPLY-TO', 'TO', 'CC', 'BCC'])

function has(value: string, needle: string): boolean {
  return foldText(decodeHeader(value)).includes(needle)
}

/** Addresses without the comments and quotes that may stand in them. */
function addressText(value: string): string {
  return parseAddresses(value)
    .map(({ name, mailbox, host }) => `${name ?? ''} <${mailbox ?? ''}@${host ?? ''}>`)
    .join(', ')
}

function textTest(needle: string, inHeaders: boolean): Test {
  return (message) => {
    if (needle === '') return true
    const open = message.open()
    return open !== undefined && occurs(open, needle, inHeaders)
  }
}

/** Days are UTC's, and those of the Date field its writer's. A message without a readable date was sent in 1970. */
function dateTest({ of, how, day }: Extract<SearchKey, { key: 'date' }>): Test {
  const dayOf = (message: SearchMessage): number | undefined => {
    if (of === 'internal') return message.internalDate / 86_400
    if (of === 'saved') return message.saveDate === undefined ? undefined : message.saveDate / 86_400
    const date = parseMessageDate(message.fields('DATE').at(-1) ?? '')
    return date === undefined ? 0 : (date.seconds + date.offsetSeconds) / 86_400
  }
  return (message) => {
    const found = dayOf(message)
    if (found === undefined) return false
    const whole = Math.floor(found)
    return how === 'on' ? whole === day : how === 'before' ? whole < day : whole >= day
  }
}

function indexTest(key: SearchKey, context: SearchContext): Test {
  switch (key.key) {
    case 'recent':
      return (message) => message.hasFlag('\\Recent')
    case 'flag':
    case 'keyword':
      return (message) => message.hasFlag(key.name)
    case 'numbers': {
      const set = resolveSet(key.set, context.exists, context.savedNumbers)
      return (message) => set.has(message.number)
    }
    case 'uids': {
      const set = resolveSet(key.set, context.lastUid, context.savedUids)
      return (message) => set.has(message.uid)
    }
    case 'younger':
      return (message) => message.internalDate >= context.nowSeconds - key.seconds
    case 'older':
      return (message) => message.internalDate <= context.nowSeconds - key.seconds
    case 'larger':
      return (message) => message.sizeBytes > key.sizeBytes
    case 'smaller':
      return (message) => message.sizeBytes < key.sizeBytes
    case 'modseq':
      return (message) => message.modseq >= key.modseq
    case 'emailId':
      return (message) => message.emailId === key.id
    case 'threadId':
      return (message) => message.threadId === key.id
    default:
      return () => true
  }
}
