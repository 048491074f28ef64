/** The wire of IMAP: a client's bytes become commands, and values become the words of answers (RFC 9051 §9). */
export { type AppendMessage, type AppendPiece, AppendReader } from './append.ts'
export { Arguments, highestNumber, keywordOf, modseqOf, numberOf, textOf } from './arguments.ts'
export { BadCommand, RefusedCommand } from './bad.ts'
export { daysOf, parseDate, parseDateTime, writeInternalDate } from './dates.ts'
export { type FetchItem, type FetchRequest, type PreviewItem, parseFetch, parseFetchItems } from './fetch.ts'
export { type Flags, parseFlags, parseStoreAction, type StoreAction, systemFlags } from './flags.ts'
export { parseId } from './id.ts'
export { type ListRequest, parseList, parseStatusItems, type StatusItem } from './list.ts'
export { decodeMailboxName, encodeMailboxName, readMailboxName, showMailboxName } from './mailboxname.ts'
export { type MessageUrl, parseMessageUrl } from './messageurl.ts'
export { type GetMetadata, parseGetMetadata, parseSetMetadata, type SetMetadata } from './metadata.ts'
export { type EventGroup, type NotifyRequest, parseNotify } from './notify.ts'
export { NumberSet } from './numberset.ts'
export { type PartialRange, parsePartialRange, takePartial } from './partialrange.ts'
export { type Command, CommandReader, type ReaderEvent } from './reader.ts'
export { parseSearchKeys, parseSearchProgram, type SearchKey } from './search.ts'
export {
  parseSearch,
  parseSort,
  parseThread,
  type ReturnOptions,
  type SearchRequest,
  type SortCriterion,
  type SortField,
  type SortRequest,
  savesResult,
  type ThreadAlgorithm,
  type ThreadRequest,
} from './searchrequest.ts'
export { type AskedSection, type Partial, parseSection, type Section } from './section.ts'
export { parseSelect, type QresyncRequest, type SelectRequest } from './select.ts'
export { isWithin, looksLikeSet, parseSequenceSet, resolveSet, type SequenceSet } from './sequenceset.ts'
export { parseStore, type StoreRequest } from './store.ts'
export type { Announced, Token } from './token.ts'
export { isAtom, literalHead, writeAstring, writeFlags, writeNstring, writeString, writeUtf8String } from './write.ts'
