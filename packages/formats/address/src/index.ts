/** Mail addresses as byte strings: what they are, and how people write them. */
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
