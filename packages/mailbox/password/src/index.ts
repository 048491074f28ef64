/**
 * The passwords of a home, one line a login, for authd and checkpassword to read, and authd or setpassword to write.
 *
 * Shape, hash, update and place have a file each; README.md shows the file as an administrator sees it.
 */

export { type Entry, entryOf, findEntry, lineOf, loginOf, readPasswords } from './file.ts'
export { hashPassword, matches } from './hash.ts'
export { keepsVerifiers, newEntry, newVerifier } from './newentry.ts'
export { givePasswords, passwordPath } from './place.ts'
export { loginTrouble, passwordTrouble } from './rules.ts'
export { removeEntries, storeEntry, storeVerifier } from './store.ts'
