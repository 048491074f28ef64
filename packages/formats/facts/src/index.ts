/** Facts of an envelope: what it says besides its addresses (spec §14). */

export { InfoFacts, type Place } from './info.ts'
export { decodeXtext, encodeXtext, type Origin, originLineBytes, originOf, withLogin, withRelay } from './origin.ts'
export { type FactName, factsVariable, type Speaker } from './table.ts'
export { believedFacts, checkedFacts, type FactMap, type Facts, factsText, knownFacts, noFacts, withFact } from './text.ts'
