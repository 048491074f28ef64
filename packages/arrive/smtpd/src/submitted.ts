/**
 * The header of a message that a person submits (RFC 6409 §8): whose it says to be, and what is put right in it.
 *
 * What is there stays byte for byte; a field is added where it is missing, and some are taken out as a whole. An empty
 * line is put in where a line that is no field ends the header: else programs would find fields that nobody judged.
 */
import { isUtf8 } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { speaksFor } from '@yabumi/authres'
import { headerDate } from '@yabumi/dates'
import { addressText, dropRoute, fieldBody, fieldName, HeaderSplitter, rewriteAddressList, type Token, tokenise } from '@yabumi/header'
import { submittedHeaderBytes } from '@yabumi/limits'
import { askSender } from '@yabumi/recipientprotocol'
import { Trouble } from '@yabumi/trouble'
import { reply } from './replies.ts'

/** What becomes of a From that is somebody else's: `control/submissionfrom`. */
export type FromRule = 'reject' | 'sender' | 'rewrite'

export interface SubmissionTerms {
  readonly login: string
  readonly fromRule: FromRule
  /** Right side of message-ids, and what our Authentication-Results begin with. */
  readonly idHost: string
  readonly hostName: string
  /** Whether nobody is to see where it came from. */
  readonly hidesOrigin: boolean
}

/** A refusal, as the client hears it. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

const addressFields = ['from', 'sender', 'resent-from', 'resent-sender']

export class SubmittedHeader {
  readonly #terms: SubmissionTerms
  readonly #splitter = new HeaderSplitter(submittedHeaderBytes)

  constructor(terms: SubmissionTerms) {
    this.#terms = terms
  }

  /** @param bytes - the next of the message. @returns what follows the header, once that is whole. @throws Refusal for one that is too long */
  push(bytes: Buffer): Buffer | undefined {
    try {
      return this.#splitter.push(Buffer.from(bytes))
    } catch (error) {
      throw error instanceof Trouble ? new Refusal(reply.headerTooLong) : error
    }
  }

  /** The message ends within its header. @returns what follows the header */
  end(): Buffer {
    return this.#splitter.end() ?? Buffer.alloc(0)
  }

  /**
   * Ask whose addresses its senders are.
   *
   * @param seconds - now
   * @returns the header as it goes on, without the empty line
   * @throws Refusal
   */
  async judge(seconds: number): Promise<Buffer> {
    const { login, fromRule } = this.#terms
    const fields = this.#splitter.fields.map((field) => field.replace(/^MBOX-Line: From /, 'From '))
    if (!isUtf8(Buffer.from(fields.join(''), 'latin1'))) throw new Refusal(reply.headerNoText)
    const named = addressFields.map((name) => fields.filter((field) => nameOf(field) === name))
    const [from = [], ...others] = named.map((some) => some.map(addressesOf))
    if (from.length > 1 || [from, ...others].flat().some((addresses) => addresses === undefined)) throw new Refusal(reply.oddFrom)
    const { own, foreign } = await maySend(
      login,
      from.flatMap((addresses) => addresses ?? []),
    )
    const { foreign: foreignOther } = await maySend(
      login,
      others.flat().flatMap((addresses) => addresses ?? []),
    )
    if (foreignOther !== undefined || (foreign !== undefined && fromRule === 'reject')) throw new Refusal(reply.foreignFrom)
    const kept = fields.filter((field) => !this.#isTakenOut(field))
    const has = (name: string): boolean => kept.some((field) => nameOf(field) === name)
    const added = [
      ...(has('date') ? [] : [`Date: ${headerDate(seconds)}\n`]),
      ...(has('message-id') ? [] : [`Message-ID: <${seconds}.${process.pid}.${randomBytes(8).toString('hex')}@${this.#terms.idHost}>\n`]),
      ...(has('from') ? [] : [`From: ${own}\n`]),
      ...(foreign !== undefined && fromRule === 'sender' && !has('sender') ? [`Sender: ${own}\n`] : []),
    ]
    const shown = foreign !== undefined && fromRule === 'rewrite' ? rewritten(kept, own, has('reply-to')) : kept
    return Buffer.from([...added, ...shown].join(''), 'latin1')
  }

  #isTakenOut(field: string): boolean {
    const { hidesOrigin, hostName } = this.#terms
    switch (nameOf(field)) {
      case 'bcc':
      case 'resent-bcc':
      case 'return-path':
        return true
      case 'x-originating-ip':
        return hidesOrigin
      case 'authentication-results':
        return speaksFor(hostName, fieldBody(field))
      default:
        return false
    }
  }
}

function nameOf(field: string): string {
  return field.slice(0, field.indexOf(':')).trimEnd().toLowerCase()
}

/** The addresses of a field, as they would stand in an envelope. @returns undefined for a group (RFC 6854), and for what is no list of addresses */
function addressesOf(field: string): string[] | undefined {
  const addresses: string[] = []
  let isOdd = fieldName(field) === undefined
  const take = (tokens: Token[], isName: boolean): void => {
    dropRoute(tokens)
    const address = addressText(tokens)
    const at = address.lastIndexOf('@')
    if (isName || at <= 0 || at === address.length - 1) isOdd = true
    addresses.push(address)
  }
  try {
    const tokens = tokenise(fieldBody(field))
    if (tokens === undefined || tokens.some(({ kind }) => kind === ';') || rewriteAddressList(field, take) === undefined) return undefined
  } catch (error) {
    if (error instanceof Trouble) return undefined
    throw error
  }
  return isOdd || addresses.length === 0 ? undefined : addresses
}

function rewritten(fields: readonly string[], own: string, hasReplyTo: boolean): string[] {
  return fields.flatMap((field) => {
    if (nameOf(field) !== 'from') return [field]
    return [`From: ${own}\n`, ...(hasReplyTo ? [] : [`Reply-To:${field.slice(field.indexOf(':') + 1)}`])]
  })
}

async function maySend(login: string, addresses: readonly string[]): ReturnType<typeof askSender> {
  try {
    return await askSender(login, addresses)
  } catch (error) {
    throw error instanceof Trouble ? new Refusal(reply.senderTrouble) : error
  }
}
