/**
 * Whether anybody receives mail for an address: what send, lspawn and local would make of it now, by their own nouns,
 * short of a delivery.
 *
 * `unknown` is said only where the delivery would end with "no mailbox here by that name".
 */
export type { Answer } from './answer.ts'
export { lookInHome } from './look.ts'
export { type Look, Recipients } from './recipients.ts'
