/**
 * Where a recipient belongs: which of the two ways out takes it, and what it is called there.
 *
 * Addresses are byte strings; control files are read relative to the working directory, the home.
 */
export { bounceParagraph } from './paragraph.ts'
export { type Destination, rewrite, virtualKey, withoutPercents, withoutPrepend } from './rewrite.ts'
export { type Rewriting, type Routing, readLocals, readRewriting, readVirtualDomains } from './settings.ts'
