/**
 * Facts in info/N, as records after the sender's, NUL-terminated (spec §14.3).
 *
 * `Av1 BODY=8BITMIME` is of the message. `Aremote 12 v1 R0.ORCPT=...` is of the recipient whose record begins at byte
 * 12 of remote/S/N. qmail's send reads the first record of info/N only.
 */
import { type FactMap, type Facts, factsText, knownFacts, noFacts } from './text.ts'

/** A recipient's record in a channel file. */
export interface Place {
  readonly channel: 'local' | 'remote'
  /** Where it begins, in bytes. */
  readonly position: number
}

const recordForm = /^A(?:(local|remote) ([0-9]{1,15}) )?(v.*)$/s

/** The facts of a message that is preprocessed. */
export class InfoFacts {
  #message: FactMap = noFacts.message
  /** By `remote 12`. */
  readonly #recipients = new Map<string, FactMap>()

  /**
   * @param facts - of the envelope
   * @param places - where its recipients stand now, by their place in it
   */
  static of({ message, recipients }: Facts, places: ReadonlyMap<number, Place>): InfoFacts {
    const info = new InfoFacts()
    info.#message = message
    for (const [place, map] of recipients) {
      const at = places.get(place)
      if (at !== undefined) info.#recipients.set(keyOf(at), map)
    }
    return info
  }

  /** @param records - what follows the sender's record; a byte string. What is no record of facts is passed over */
  static read(records: string): InfoFacts {
    const info = new InfoFacts()
    for (const record of records.split('\0')) {
      const [, channel, position, text = ''] = recordForm.exec(record) ?? []
      const { message, recipients } = knownFacts(text)
      const [recipient] = recipients.values()
      if (channel === undefined) info.#message = message.size > 0 ? message : info.#message
      else if (recipient !== undefined) info.#recipients.set(`${channel} ${position}`, recipient)
    }
    return info
  }

  /** As read() takes them. */
  get records(): string {
    const message = factsText(this.ofMessage)
    const records = message === '' ? [] : [message]
    for (const [key, map] of this.#recipients) records.push(`${key} ${factsText(ofOne(noFacts.message, map))}`)
    return records.map((record) => `A${record}\0`).join('')
  }

  /** The facts of the message alone. */
  get ofMessage(): Facts {
    return ofOne(this.#message, noFacts.message)
  }

  /** The facts of a delivery: those of the message, and those of the recipient as of the only one. */
  delivery(place: Place): Facts {
    return ofOne(this.#message, this.#recipients.get(keyOf(place)) ?? noFacts.message)
  }
}

function keyOf({ channel, position }: Place): string {
  return `${channel} ${position}`
}

function ofOne(message: FactMap, recipient: FactMap): Facts {
  return { message, recipients: recipient.size === 0 ? noFacts.recipients : new Map([[0, recipient]]) }
}
