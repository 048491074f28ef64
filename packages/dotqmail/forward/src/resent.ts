/**
 * The fields that say who sent a message on, to whom and when (RFC 822 §4.4.3, RFC 5322 §3.6.6).
 *
 * They stand in front of everything, as the latest event in the life of the message. Resent-Bcc is never written: who
 * is in it must not be seen.
 */
import { quoteAddress } from '@yabumi/address'
import { readLineOrMe } from '@yabumi/control'
import { headerDate, nowSeconds, stamp } from '@yabumi/dates'
import { addressText, emitField, isSomebody, mark, rewriteAddressList, type TakeAddress, type Token, tokenise } from '@yabumi/header'
import { enterHome } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import type { Resent } from './options.ts'

export interface ResentHeader {
  /** The fields, each with its line end. */
  readonly fields: readonly string[]
  /** Who gets the message beside the recipients that were named as arguments. */
  readonly recipients: readonly string[]
}

/** @throws Trouble 5.1.3 for an address that cannot be parsed, 5.3.5 if nobody says who sends it on */
export function resentFields(to: readonly string[], resent: Resent, environment: ReadonlyMap<string, string>): ResentHeader {
  const recipients: string[] = []
  const also = (address: Token[], isName: boolean) => {
    const text = addressText(address)
    if (isName || !isSomebody(address)) throw new Trouble('5.1.3', `no address: ${text}`)
    recipients.push(text)
  }
  const seconds = nowSeconds()
  const fields = [
    listField('Resent-Sender', resent.sender),
    resent.from.length > 0 ? listField('Resent-From', resent.from) : addressField('Resent-From', [forwarder(environment)]),
    listField('Resent-Reply-To', resent.replyTo),
    addressField('Resent-To', to),
    listField('Resent-Cc', resent.cc, also),
    `Resent-Date: ${headerDate(seconds)}\n`,
    `Resent-Message-ID: <${stamp(seconds)}.${process.pid}.qmail@${idHost(environment)}>\n`,
  ]
  listField('Resent-Bcc', resent.bcc, also)
  return { fields: fields.filter((field) => field !== ''), recipients }
}

/** A field of address lists as people write them, with names and comments; empty if there are none. */
function listField(name: string, lists: readonly string[], take: TakeAddress = () => undefined): string {
  if (lists.length === 0) return ''
  const field = rewriteAddressList(`${name}: ${lists.map(oneLine).join(', ')}\n`, take)
  if (field === undefined) throw new Trouble('5.1.3', `unable to parse --${name.toLowerCase()}: ${lists.join(', ')}`)
  return field
}

/** A field of bare addresses, as they stand in envelopes; empty if there are none. */
function addressField(name: string, addresses: readonly string[]): string {
  if (addresses.length === 0) return ''
  const tokens = addresses.flatMap((address, i) => (i === 0 ? tokensOf(address) : [mark(','), ...tokensOf(address)]))
  return emitField(name, tokens)
}

function tokensOf(address: string): Token[] {
  const tokens = tokenise(quoteAddress(oneLine(address)))
  if (tokens === undefined) throw new Trouble('5.1.3', `unable to parse address: ${address}`)
  return tokens
}

/** An address must not end its field and begin another; local replaces a line end in the same way (spec §2.7.2). */
function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, '_')
}

function forwarder(environment: ReadonlyMap<string, string>): string {
  const recipient = environment.get('RECIPIENT')
  if (recipient === undefined) throw new Trouble('5.3.5', 'RECIPIENT not set; name the forwarder with --resent-from')
  return recipient
}

function idHost(environment: ReadonlyMap<string, string>): string {
  enterHome()
  return environment.get('QMAILIDHOST') ?? readLineOrMe('idhost') ?? 'idhost'
}
