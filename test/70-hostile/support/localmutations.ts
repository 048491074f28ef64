/** Faults of what is done with a user's mail: whose files are used. */
import type { Mutation } from './mutations.ts'

export const strangers: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'local: the group of a delivery counts as the user’s own, whoever else is in it',
    edits: [
      {
        file: 'dotfile/src/strangers.ts',
        find: 'return gid === process.getegid?.() && groups.isPrivate(gid, user, process.geteuid?.() ?? 0)',
        replace: 'return gid === process.getegid?.()',
      },
    ],
    test: 'a home or dotfile that a group',
  },
  {
    what: 'local: a control/patrn that says nothing lets any group write homes',
    edits: [
      {
        file: 'dotfile/src/patrn.ts',
        find: "{ rule: 'no group', problem: 'control/patrn line 1",
        replace: "{ rule: 'any group', problem: 'control/patrn line 1",
      },
    ],
    test: 'a home or dotfile that a group',
  },
  {
    what: 'local: an mbox of any account is used',
    edits: [{ file: 'mbox/src/append.ts', find: '  refuseForeign(path, status)\n', replace: '' }],
    test: 'an mbox or Maildir that another account',
  },
  {
    what: 'local: a Maildir whose parts are another account’s is used',
    edits: [
      {
        file: 'maildir/src/place.ts',
        find: '  if (found.status !== undefined) refuseForeign(found.name, found.status)\n',
        replace: '',
      },
    ],
    test: 'an mbox or Maildir that another account',
  },
  {
    what: 'local: a link that another account has put on the way to a mailbox is followed',
    edits: [{ file: 'ownpath/src/descent.ts', find: '    if (!isOurs(link)) throw new ForeignLink(name, link.uid)\n', replace: '' }],
    test: 'an mbox or Maildir that another account',
  },
]
