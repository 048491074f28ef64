/** What a filter wants changed at the end of a message (libmilter: smfi_addheader and its kin). */
import { milterHeaderBytes, smtpRecipients } from '@yabumi/limits'
import type { Draft, Field, Store } from './draft.ts'
import { type Packet, readStrings } from './packets.ts'
import { MilterTrouble } from './trouble.ts'

/** The letters of packets that change something. */
export const changeLetters = '+2-behimq'

export class Changes {
  readonly #leadingBlank: boolean
  readonly #newStore: () => Store
  #sender: string
  readonly #recipients: string[]
  readonly #fields: Field[]
  #fieldBytes: number
  #body: Store | undefined
  readonly #quarantine: string[]
  readonly #before: Draft
  /** The last body chunk ended with a CR, whose LF may follow. */
  #carriage = false

  /** @param leadingBlank - whether values come with the blank after the colon. @param newStore - for a body that is replaced */
  constructor(draft: Draft, leadingBlank: boolean, newStore: () => Store) {
    this.#before = draft
    this.#sender = draft.sender
    this.#recipients = [...draft.recipients]
    this.#fields = [...draft.fields]
    this.#quarantine = [...draft.quarantine]
    this.#fieldBytes = draft.fields.reduce((sum, { name = '', value }) => sum + name.length + value.length + 2, 0)
    this.#leadingBlank = leadingBlank
    this.#newStore = newStore
  }

  /** @throws MilterTrouble for a packet that is none, or more than a message may have */
  take(packet: Packet): void {
    const { letter, data } = packet
    if (letter === 'b') this.#replaceBody(data)
    else if (letter === 'h') this.#insert(this.#fields.length, readStrings(packet, 2))
    else if (letter === 'i') this.#insert(indexOf(data), readStrings(packet, 2, 4))
    else if (letter === 'm') this.#change(indexOf(data), readStrings(packet, 2, 4))
    else if (letter === 'q') this.#quarantine.push(...readStrings(packet, 1))
    else this.#changeEnvelope(letter, addressIn(readStrings(packet, 1)[0] as string))
  }

  /** What has become of the message. */
  get draft(): Draft {
    this.#flushCarriage()
    const body = this.#body
    const rest = { sender: this.#sender, recipients: this.#recipients, fields: this.#fields, quarantine: this.#quarantine }
    return { ...rest, body: body === undefined ? this.#before.body : () => body.pieces() }
  }

  #changeEnvelope(letter: string, address: string): void {
    if (letter === 'e') this.#sender = address
    else if (letter === '-') removeAll(this.#recipients, address)
    else if (this.#recipients.length >= smtpRecipients) throw new MilterTrouble('too many recipients')
    else if (!this.#recipients.includes(address)) this.#recipients.push(address)
  }

  #insert(index: number, [name = '', value = '']: readonly string[]): void {
    const field = this.#fieldOf(name, value)
    this.#fields.splice(Math.min(index, this.#fields.length), 0, field)
  }

  /** The so-manieth field of a name, from 1 on; an empty value removes it. */
  #change(index: number, [name = '', value = '']: readonly string[]): void {
    const lower = name.toLowerCase()
    const places = this.#fields.flatMap((field, place) => (field.name?.toLowerCase() === lower ? [place] : []))
    const place = places[Math.max(index, 1) - 1]
    if (value === '') {
      if (place !== undefined) this.#fields.splice(place, 1)
    } else if (place === undefined) this.#insert(this.#fields.length, [name, value])
    else this.#fields[place] = this.#fieldOf(name, value)
  }

  #fieldOf(name: string, value: string): Field {
    if (!/^[!-9;-~]+$/.test(name)) throw new MilterTrouble('a field without a name')
    // no line of a value begins another field, or the body
    const folded = unfinished(value.replaceAll('\r\n', '\n').replaceAll('\r', '\n')).replace(/\n+(?![ \t])/g, '\n ')
    const field = { name, head: `${name}:`, value: this.#leadingBlank || folded.startsWith(' ') ? folded : ` ${folded}` }
    this.#fieldBytes += name.length + field.value.length + 2
    if (this.#fieldBytes > milterHeaderBytes) throw new MilterTrouble('too long a header')
    return field
  }

  #replaceBody(data: Buffer): void {
    this.#body ??= this.#newStore()
    let text = data.toString('latin1')
    if (this.#carriage) text = `\r${text}`
    this.#carriage = text.endsWith('\r')
    if (this.#carriage) text = text.slice(0, -1)
    this.#body.write(Buffer.from(text.replaceAll('\r\n', '\n'), 'latin1'))
  }

  #flushCarriage(): void {
    if (this.#carriage) this.#body?.write(Buffer.from('\r'))
    this.#carriage = false
  }
}

function indexOf(data: Buffer): number {
  if (data.length < 4) throw new MilterTrouble('a packet is torn')
  return data.readUInt32BE()
}

/** Without line ends at its end. */
function unfinished(text: string): string {
  let end = text.length
  while (text[end - 1] === '\n') end -= 1
  return text.slice(0, end)
}

function removeAll(list: string[], item: string): void {
  for (let place = list.indexOf(item); place >= 0; place = list.indexOf(item)) list.splice(place, 1)
}

/** `<joe@example.org>`, or without brackets. @throws MilterTrouble for what no envelope holds */
function addressIn(text: string): string {
  const address = text.replace(/^<(.*)>$/, '$1')
  if (address.length > 900 || /[\0\n\r]/.test(address)) throw new MilterTrouble('an address that is none')
  return address
}
