/** The address that MAIL or RCPT names, with its parameters. It may have other letters than those of ASCII. */
import { isAscii, isUtf8Bytes, withAsciiDomain } from '@yabumi/address'
import { type Standing, takesUtf8 } from './keywords.ts'
import type { Path } from './mailpath.ts'
import { type Parameters, readParameters } from './parameters.ts'
import { reply } from './replies.ts'

/**
 * @param terms - into which the parameters are taken
 * @param saysUtf8 - whether MAIL had SMTPUTF8, asked once the parameters are read
 * @returns the address, its domain as the DNS has it; or the reply that refuses it
 */
export function nameAddress<Terms>(
  { address, rest }: Path,
  known: Parameters<Terms>,
  terms: Terms,
  standing: Standing,
  saysUtf8: () => boolean,
): { readonly address: string; readonly refusal?: string } {
  const refusal = readParameters(rest, known, terms, standing)
  if (refusal !== undefined) return { address, refusal }
  if (isAscii(address) || !takesUtf8(standing)) return { address }
  if (!saysUtf8()) return { address, refusal: reply.needsUtf8 }
  return isUtf8Bytes(address) ? { address: withAsciiDomain(address) } : { address, refusal: reply.notUtf8 }
}
