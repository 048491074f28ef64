/**
 * Which hosts take mail for a domain, at which addresses, and what an address is called.
 *
 * Names and addresses are ASCII strings. Nothing here throws: a look-up ends in records, in a clear "no" or in trouble.
 */
export type { Answer, Records } from './answer.ts'
export { ask } from './ask.ts'
export { askAuthority, askEach, type Published, type View } from './authority.ts'
export { type Exchange, type Exchanges, findAddresses, findExchanges } from './exchanges.ts'
export { hostsAddresses } from './hosts.ts'
export { reverseName, reverseZone } from './reverse.ts'
