/**
 * The header of a message: its fields, the addresses in them, and how they are rewritten.
 *
 * All text is byte strings. See spec §4.3 and §4.6 to §4.8.
 */
export { rewriteAddressList, rewriteLongList, type TakeAddress } from './addresslist.ts'
export { ByteStrings, ByteText } from './bytetext.ts'
export { emitField } from './emit.ts'
export { fieldBody, type Glimpse, glimpse } from './glimpse.ts'
export { fieldName, type KnownName, knownName } from './name.ts'
export { PassingHeader } from './passing.ts'
export { dropRoute, type HostRules, rewriteAddress } from './rewrite.ts'
export { isSomebody } from './somebody.ts'
export { HeaderSplitter } from './split.ts'
export { addressText, type Mark, mark, type Token, tokenise } from './token.ts'
