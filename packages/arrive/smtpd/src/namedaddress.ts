/** The address that MAIL or RCPT names, with its parameters. It may have other letters than those of ASCII. */
import { isAscii, isUtf8Bytes, withAsciiDomain } from '@yabumi/address'
import type { FactMap, Facts } from '@yabumi/facts'
import { type Standing, takesUtf8 } from './keywords.ts'
import type { Path } from './mailpath.ts'
import { type Parameters, readParameters } from './parameters.ts'
import { reply } from './replies.ts'

/**
 * @param terms - into which the parameters are taken
 * @param saysUtf8 - whether MAIL had SMTPUTF8; its own parameters may say so, too
 * @returns the address, its domain as the DNS has it; or the reply that refuses it
 */
export function nameAddress<Terms extends { readonly facts: Facts | FactMap }>(
  { address, rest }: Path,
  known: Parameters<Terms>,
  terms: Terms,
  standing: Standing,
  saysUtf8 = false,
): { readonly address: string; readonly refusal?: string } {
  const refusal = readParameters(rest, known, terms, standing)
  if (refusal !== undefined) return { address, refusal }
  if (isAscii(address) || !takesUtf8(standing)) return { address }
  if (!saysUtf8 && !('message' in terms.facts && terms.facts.message.has('SMTPUTF8'))) return { address, refusal: reply.needsUtf8 }
  return isUtf8Bytes(address) ? { address: withAsciiDomain(address) } : { address, refusal: reply.notUtf8 }
}
