/** Faults of what is done with a user's mail: whose files are used, and how often it goes round. */
import type { Mutation } from './mutations.ts'

const strangers: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'local: the group of a delivery counts as the user’s own, whoever else is in it',
    edits: [
      {
        file: 'dotfile/src/strangers.ts',
        find: 'return gid === process.getegid?.() && groups.isPrivate(gid, user, process.geteuid?.() ?? 0)',
        replace: 'return gid === process.getegid?.()',
      },
    ],
    test: 'F7: a home or dotfile that a group',
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
    test: 'F7: a home or dotfile that a group',
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
        file: 'ownpath/src/descent.ts',
        find: '    this.refuseForeign(part)\n',
        replace: '',
      },
    ],
    test: 'an mbox or Maildir that another account',
  },
  {
    what: 'local: a link that another account has put on the way to a mailbox is followed',
    edits: [
      { file: 'ownpath/src/descent.ts', find: '    if (!isOurs(link, this.#own)) throw new ForeignLink(name, link.uid)\n', replace: '' },
    ],
    test: 'an mbox or Maildir that another account',
  },
]

const loops: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'enqueue: a message with any number of hops is queued',
    edits: [{ file: 'enqueue/src/submission.ts', find: '|| this.#header.hops < this.#mostHops', replace: '|| true' }],
    test: 'every way into the queue',
  },
  {
    what: 'enqueue: one hop too many is queued',
    edits: [{ file: 'enqueue/src/submission.ts', find: 'hopsLimit + ownHops', replace: 'hopsLimit + ownHops + 1' }],
    test: 'every way into the queue',
  },
  {
    what: 'local: a default file forwards a message as often as it comes',
    edits: [
      {
        file: 'local/src/deliver.ts',
        find: 'earlier.some((name) => governs(file.name, { ...request, ...name }))',
        replace: 'earlier.length < 0',
      },
    ],
    test: 'a dotfile that forwards to two',
  },
  {
    what: 'local: a message goes round one user up to the limit of hops',
    edits: [{ file: 'local/src/loop.ts', find: 'if (earlier.length >= deliveriesToOneUser)', replace: 'if (earlier.length < 0)' }],
    test: 'a dotfile whose program forwards',
  },
]

const programs: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'local: a program whose time is over is left running',
    edits: [{ file: 'local/src/program.ts', find: 'detached: true', replace: 'detached: false' }],
    test: 'a program that takes longer',
  },
  {
    what: 'local: a program that heeds no TERM stays',
    edits: [{ file: 'local/src/program.ts', find: "    signalGroup(pid, 'SIGKILL')\n", replace: '' }],
    test: 'a program that takes longer',
  },
  {
    what: 'local: nobody watches the programs of a worker that is killed',
    edits: [{ file: 'local/src/program.ts', find: 'watchGroup(pid, () => openGate(child))', replace: 'openGate(child)' }],
    test: 'a program with a time limit',
  },
]

export const localMutations: readonly Mutation[] = [
  ...strangers.map((fault) => ({ ...fault, file: 'strangers.ts' })),
  ...loops.map((fault) => ({ ...fault, file: 'loops.ts' })),
  ...programs.map((fault) => ({ ...fault, file: 'programs.ts' })),
]
