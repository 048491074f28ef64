/**
 * The passwords of a home: `users/passwords`, one line a login, for checkpassword to read and setpassword to write.
 *
 * Shape, hash and update have a file each; README.md shows the file as an administrator sees it.
 */

export { type Entry, findEntry } from './file.ts'
export { hashPassword, matches } from './hash.ts'
export { loginTrouble, passwordTrouble } from './rules.ts'
export { storeEntry } from './store.ts'
