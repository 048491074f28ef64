/**
 * Which security a destination demands of the connection to its mail host.
 *
 * First counts what the operator says (control/tlspolicy, tlshosts/, notlshosts/). Then comes what the receiver
 * publishes (DANE, MTA-STS). Else it is TLS if it can be had.
 */
export { type Demand, demandBy, type Grounds, type HostFile, type PolicyType, type Proof, type Refusal, type TlsaAnswer } from './demand.ts'
export { type BrokenRule, type Level, levels, parseRules, type Rule, type Rules } from './rules.ts'
export { currentPolicy, type OwnPolicy } from './settings.ts'
export { demandText } from './words.ts'
