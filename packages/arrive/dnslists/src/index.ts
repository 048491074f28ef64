/** Lists in the DNS of clients and domains that are known for what they send (spec §17, RFC 5782). */
export type { Ask } from './ask.ts'
export type { ListJudge, ListVerdict, Suspect } from './judge.ts'
export { type DnsList, parseList, readAnswer } from './list.ts'
export { askableDomain, reversed } from './questions.ts'
export { type DnsLists, readDnsLists } from './settings.ts'
