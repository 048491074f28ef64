/** Faults in who root becomes, and in what it makes in directories of others. */
import type { Mutation } from './mutations.ts'

const owners = 'home/src/owners.ts'
const becomes = 'root becomes'

export const accountMutations: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'start: the owner of a link is an account',
    edits: [{ file: owners, find: "if (stats.isSymbolicLink()) throw new Error('it is a link')", replace: '' }],
    test: becomes,
  },
  {
    what: 'start: the owner of a file with two names is an account',
    edits: [{ file: owners, find: 'if (!stats.isDirectory() && stats.nlink !== 1) ', replace: 'if (false) ' }],
    test: becomes,
  },
  {
    what: "start: a home of which some parts are root's is run",
    edits: [{ file: owners, find: 'if (uids.has(0) && uids.size > 1) {', replace: 'if (false) {' }],
    test: becomes,
  },
  {
    what: 'start: owners are looked at again where there is an accounts/',
    edits: [{ file: 'home/src/accounts.ts', find: 'if (directory === undefined) return undefined', replace: 'return undefined' }],
    test: becomes,
  },
  {
    what: 'start: an accounts/ that others may write is believed',
    edits: [{ file: 'home/src/accounts.ts', find: 'return uid === 0 && (mode & writableByOthers) === 0', replace: 'return true' }],
    test: 'an accounts/ that',
  },
  {
    what: "config-fast: makes parts through an account's link",
    edits: [{ file: 'home/src/descend.ts', find: ' | constants.O_NOFOLLOW)', replace: ')' }],
    test: "config-fast makes nothing where the queue's",
  },
  {
    what: "config-fast: makes a home where a user's link leads",
    edits: [{ file: 'home/src/directories.ts', find: 'if (process.getuid?.() === 0 && uid !== 0) throw', replace: 'if (false) throw' }],
    test: 'config-fast makes no home',
  },
]
