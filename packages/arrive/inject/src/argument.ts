/** Addresses from the command line: recipients and -f (spec §4.8, last paragraph). */
import { quoteAddress } from '@yabumi/address'
import { addressText, type HostRules, rewriteAddress, tokenise } from '@yabumi/header'
import { Trouble } from '@yabumi/trouble'
import { UnparsableLine } from './unparsable.ts'

function complete(argument: string, rules: HostRules): string | undefined {
  const address = tokenise(quoteAddress(argument))
  if (address === undefined) return undefined
  rewriteAddress(address, rules)
  return addressText(address)
}

/** A recipient as it goes into the envelope. @throws Trouble 5.1.3 */
export function recipientArgument(argument: string, rules: HostRules): string {
  const recipient = complete(argument, rules)
  if (recipient === undefined) throw new Trouble('5.1.3', `unable to parse address: ${argument}`)
  if (recipient === '') throw new Trouble('5.1.3', `no address: ${argument}`)
  return recipient
}

/** The argument of -f as it goes into the envelope. @throws UnparsableLine */
export function senderArgument(argument: string, rules: HostRules): string {
  const sender = complete(argument, rules)
  if (sender === undefined) throw new UnparsableLine(quoteAddress(argument))
  return sender
}
