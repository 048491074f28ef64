/**
 * The DKIM keys of a home: control/dkim/DOMAIN/SELECTOR.key, and SELECTOR.state beside each (spec §19.1).
 *
 * Text is byte strings; the working directory is the home.
 */
export { keysExist, type SigningKeys, signingKeysFor } from './active.ts'
export { findPublished, keptSeconds, publishedText, recordName, zoneLine } from './records.ts'
export { type DomainKey, directory, domainsWithKeys, isDomain, isSelector, readDomainKeys, type State, stateLine } from './store.ts'
