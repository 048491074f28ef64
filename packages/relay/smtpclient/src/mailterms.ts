/** What MAIL says of a message, as far as its host has offered to hear that; how the message is changed for it. */
import { isAscii } from '@yabumi/address'
import type { FactMap, FactName } from '@yabumi/facts'
import type { Plan } from '@yabumi/mime'
import type { Connection } from './connection.ts'
import { demandedParameters } from './demands.ts'
import { measure, planDowngrade } from './measure.ts'
import { numberOffered } from './offers.ts'
import type { Settings } from './settings.ts'
import * as texts from './texts.ts'

/** What a host counts may be a little more than what it is told. */
const sizeMargin = 1.02

/** What the terms depend on, besides the host: whether it was greeted with EHLO, and what the operator says of 8-bit messages. */
export type TermsSettings = Pick<Settings, 'just8' | 'just8Hosts'> & { readonly esmtp: boolean }

export interface MailTerms {
  /** With a blank in front of each. */
  readonly parameters: string
  /** How the message is to be changed; undefined: not at all. */
  readonly plan: Plan | undefined
  /** Addresses may have UTF-8. */
  readonly utf8: boolean
}

/** What of a message matters here. */
type Measured = {
  readonly host: string
  readonly sender: string
  readonly facts: FactMap
  readonly hasUtf8Recipient: boolean
  measuredFd(): number
}

/**
 * Whether the host is to be told of UTF-8 (RFC 6531 §3.4).
 *
 * @returns no where it has not offered to hear of it: each address with other letters than those of ASCII is refused then
 */
function usesUtf8({ capabilities }: Connection, { facts, sender, hasUtf8Recipient }: Measured): boolean {
  return capabilities.has('SMTPUTF8') && (facts.has('SMTPUTF8') || hasUtf8Recipient || !isAscii(sender))
}

/** @returns the report that ends the attempt if the host will not take the message. @throws Unreadable */
export async function mailTerms(
  connection: Connection,
  mail: Measured,
  { esmtp, just8, just8Hosts }: TermsSettings,
): Promise<MailTerms | { readonly report: string; readonly elsewhere?: true }> {
  const { capabilities, address } = connection
  const measured = esmtp || !just8 ? await measure(mail.measuredFd()) : undefined
  const takes8bit = capabilities.has('8BITMIME')
  const utf8 = usesUtf8(connection, mail)
  if (!utf8 && measured?.isHeader8bit === true && mail.facts.has('SMTPUTF8')) return { report: texts.noUtf8(address) }
  const demanded = demandedParameters(mail.facts, connection)
  if (typeof demanded !== 'string') return demanded
  const asked = (utf8 ? ' SMTPUTF8' : '') + (capabilities.has('DSN') ? parametersOf(mail.facts, ['RET', 'ENVID']) : '') + demanded
  if (measured?.is8bit === true && !takes8bit && !just8 && !just8Hosts.has(mail.host)) {
    const plan = await planDowngrade(mail.measuredFd())
    return plan === undefined ? { report: texts.not8bit(address) } : { parameters: asked, plan: plan.isNeeded ? plan : undefined, utf8 }
  }
  const body = takes8bit && (measured?.is8bit ?? mail.facts.get('BODY') === '8BITMIME') ? ' BODY=8BITMIME' : ''
  if (measured === undefined || !capabilities.has('SIZE')) return { parameters: body + asked, plan: undefined, utf8 }
  const most = numberOffered(capabilities, 'SIZE') ?? 0
  if (most > 0 && measured.wireBytes * sizeMargin > most) return { report: texts.tooLarge(address) }
  return { parameters: `${body} SIZE=${measured.wireBytes}${asked}`, plan: undefined, utf8 }
}

/** Those of some facts that are there, as parameters with a blank in front of each. */
export function parametersOf(facts: FactMap, names: readonly FactName[]): string {
  return names.map((name) => (facts.has(name) ? ` ${name}=${facts.get(name)}` : '')).join('')
}
