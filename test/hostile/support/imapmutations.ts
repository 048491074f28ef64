/** Faults that imaprights.ts and imapclients.ts must find: a right too many, and answers that wait without a bound. */
import type { Mutation } from './mutations.ts'

const rights = 'const rights = process.getuid?.() === 0 ? { uid, gid, groups } : undefined'
const sessiond = 'sessiond/src/sessiond.ts'

export const imapMutations: readonly Mutation[] = [
  {
    what: 'imap: the front stays root',
    edits: [{ file: 'imapd/src/main.ts', find: "settle: () => become('front')", replace: 'settle: () => void become' }],
    file: 'imaprights.ts',
    test: 'a fallen front has no right',
  },
  {
    what: 'imap: a worker is in root’s group',
    edits: [{ file: sessiond, find: rights, replace: rights.replace('gid, groups', 'gid: 0, groups') }],
    file: 'imaprights.ts',
    test: 'a worker is its user',
  },
  {
    what: 'imap: a worker has one more group',
    edits: [{ file: sessiond, find: rights, replace: rights.replace('groups }', 'groups: [gid, 0] }') }],
    file: 'imaprights.ts',
    test: 'a worker is its user',
  },
  {
    what: 'imap: answers wait without a bound',
    edits: [
      {
        file: 'imap/src/connection.ts',
        find: 'this.#socket.writableLength > imapOutputBytes',
        replace: 'this.#socket.writableLength > 1e12',
      },
    ],
    file: 'imapclients.ts',
    test: 'everything is asked for',
  },
]
