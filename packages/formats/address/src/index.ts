/** Mail addresses as byte strings: what they are, and how people write them. */
export { asciiAddressText, asciiDomain, isAscii, isUtf8Bytes, unicodeDomain, withAsciiDomain } from './international.ts'
export { isLocalPart, isMailbox } from './mailbox.ts'
export {
  type AddressParts,
  doubleBounceSender,
  isDomain,
  lowerCase,
  needsQuotes,
  quoteAddress,
  quoteLocal,
  splitAddress,
  withLowerDomain,
  withoutRootDot,
} from './parts.ts'
export { behind, behindString, splitLine, unescaped } from './scan.ts'
export { addressesIn, addressIn, isHalfAName } from './written.ts'
