/** SORT: messages in an order that a client names (RFC 5256 §3, RFC 5957). Keys are made once a message: n log n. */
import type { SortCriterion, SortField } from '@yabumi/imapwire'
import { type Address, decodeHeader, parseAddresses } from '@yabumi/mimeparts'
import { orderText } from './fold.ts'
import type { SearchMessage } from './message.ts'
import { parseMessageDate } from './messagedate.ts'
import { baseSubject } from './subject.ts'

type Key = string | number

/** The messages in order; ties by their numbers, whatever is reversed. */
export function sortMessages<T extends SearchMessage>(messages: readonly T[], criteria: readonly SortCriterion[]): T[] {
  const keyed = messages.map((message) => ({ message, keys: criteria.map(({ field }) => sortKey(message, field)) }))
  keyed.sort((a, b) => {
    for (const [at, { reverse }] of criteria.entries()) {
      const order = compare(a.keys[at] as Key, b.keys[at] as Key)
      if (order !== 0) return reverse ? -order : order
    }
    return a.message.number - b.message.number
  })
  return keyed.map(({ message }) => message)
}

/** When a message was sent, in seconds since 1970: its Date in UTC, else when it came. */
export function sentSeconds(message: SearchMessage): number {
  return parseMessageDate(message.fields('DATE').at(-1) ?? '')?.seconds ?? message.internalDate
}

function compare(a: Key, b: Key): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function sortKey(message: SearchMessage, field: SortField): Key {
  switch (field) {
    case 'ARRIVAL':
      return message.internalDate
    case 'SIZE':
      return message.sizeBytes
    case 'DATE':
      return sentSeconds(message)
    case 'SUBJECT':
      return baseSubject(message.fields('SUBJECT').at(-1)).text
    case 'DISPLAYFROM':
    case 'DISPLAYTO':
      return orderText(displayName(firstAddress(message, field.slice('DISPLAY'.length))))
    default:
      return orderText(firstAddress(message, field)?.mailbox ?? '')
  }
}

function firstAddress(message: SearchMessage, name: string): Address | undefined {
  for (const value of message.fields(name)) {
    const [first] = parseAddresses(value)
    if (first !== undefined) return first
  }
  return undefined
}

/** The name as people read it, or the address; of a group its name. */
function displayName(address: Address | undefined): string {
  if (address === undefined) return ''
  const name = decodeHeader(address.name ?? '')
  if (name !== '') return name
  return address.host === undefined ? decodeHeader(address.mailbox ?? '') : `${address.mailbox}@${address.host}`
}
