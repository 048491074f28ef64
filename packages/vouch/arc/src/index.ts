/** ARC: what a message was worth at the hosts on its way, sealed by each (RFC 8617). */
export { Chain, type ChainOptions, type ChainVerdict } from './chain.ts'
export { Sealer, type SealOptions } from './sealer.ts'
export type { ChainWord } from './sets.ts'
