/**
 * Facts as text (spec §14.2): `v1 BODY=8BITMIME R0.ORCPT=rfc822;joe@example.org`, R and the place of a recipient in its
 * envelope.
 *
 * A byte string of printable ASCII and single blanks. No facts are the empty text.
 */
import { factsBytes, messageFactsBytes, recipientFactsBytes } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'
import { type FactName, factOf, type Speaker } from './table.ts'

export type FactMap = ReadonlyMap<FactName, string>

export interface Facts {
  /** Of the message. */
  readonly message: FactMap
  /** Of recipients, by their place in the envelope, the first one's being 0. */
  readonly recipients: ReadonlyMap<number, FactMap>
}

const nothing: FactMap = new Map()
export const noFacts: Facts = { message: nothing, recipients: new Map() }

const version = 'v1'
const wordForm = /^(?:R(0|[1-9][0-9]{0,5})\.)?([A-Z][A-Z0-9-]*)=([!-~]*)$/

interface Word {
  /** undefined: of the message. */
  readonly recipient: number | undefined
  readonly name: FactName
  readonly value: string
}

/** @returns undefined for what is no fact of the table */
function readWord(text: string): Word | undefined {
  const [, place, name = '', value = ''] = wordForm.exec(text) ?? []
  const fact = factOf(name)
  if (fact === undefined || (fact.of === 'recipient') !== (place !== undefined) || !fact.value.test(value)) return undefined
  return { recipient: place === undefined ? undefined : Number(place), name: name as FactName, value }
}

/** Gathers words. */
class Gathered implements Facts {
  readonly message: Map<FactName, string> = new Map()
  readonly recipients: Map<number, Map<FactName, string>> = new Map()

  /** @returns false if it is there already */
  add({ recipient, name, value }: Word): boolean {
    const map = recipient === undefined ? this.message : this.#of(recipient)
    if (map.has(name)) return false
    map.set(name, value)
    return true
  }

  #of(recipient: number): Map<FactName, string> {
    const known = this.recipients.get(recipient)
    if (known !== undefined) return known
    const map = new Map<FactName, string>()
    this.recipients.set(recipient, map)
    return map
  }
}

/**
 * The facts that somebody hands over.
 *
 * @throws Trouble 5.5.4 for a fact that is unknown, malformed or said twice, or more of them than the limits allow
 */
export function checkedFacts(text: string): Facts {
  if (text === '') return noFacts
  if (text.length > factsBytes) throw refusal('facts are too long')
  const [mark, ...words] = text.split(' ')
  if (mark !== version || words.length === 0) throw refusal('facts of another version')
  const facts = new Gathered()
  for (const text of words) {
    const word = readWord(text)
    if (word === undefined || !facts.add(word)) throw refusal('an unknown fact')
  }
  if (sizeOf(facts.message) > messageFactsBytes) throw refusal('facts of the message are too long')
  for (const map of facts.recipients.values()) if (sizeOf(map) > recipientFactsBytes) throw refusal('facts of a recipient are too long')
  return facts
}

function refusal(text: string): Trouble {
  return new Trouble('5.5.4', text)
}

/** Bytes that a map takes in a text, without the place of a recipient. */
function sizeOf(map: FactMap): number {
  let size = 0
  for (const [name, value] of map) size += name.length + value.length + 2
  return size
}

/** The facts in a file of the queue: what this program does not know of is passed over, and mail goes on. */
export function knownFacts(text: string): Facts {
  const [mark, ...words] = text.split(' ')
  if (mark !== version) return noFacts
  const facts = new Gathered()
  for (const text of words) {
    const word = readWord(text)
    if (word !== undefined) facts.add(word)
  }
  return facts
}

/** Those that count, said by this one. */
export function believedFacts({ message, recipients }: Facts, speaker: Speaker): Facts {
  const believed = [...message].filter(([name]) => factOf(name)?.believes(speaker))
  return { message: new Map(believed), recipients }
}

/** One more of the message, in place of what was said of that. */
export function withFact({ message, recipients }: Facts, name: FactName, value: string): Facts {
  return { message: new Map([...message, [name, value]]), recipients }
}

/** The text of facts; empty if there are none. */
export function factsText({ message, recipients }: Facts): string {
  const words = wordsOf(message, '')
  for (const [place, map] of recipients) words.push(...wordsOf(map, `R${place}.`))
  return words.length === 0 ? '' : `${version} ${words.join(' ')}`
}

function wordsOf(map: FactMap, prefix: string): string[] {
  return [...map].map(([name, value]) => `${prefix}${name}=${value}`)
}
