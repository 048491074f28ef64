/** Faults that forgeries.ts must find: somebody else is believed to be an author. */
import type { Mutation } from './mutations.ts'

export const forgeryMutations: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'forgeries: Authentication-Results in our name are kept',
    edits: [{ file: 'authres/src/foreign.ts', find: '!isField || !speaksFor(', replace: 'true || !speaksFor(' }],
    test: 'our own name',
  },
  {
    what: 'forgeries: the first of two From fields is the author',
    edits: [{ file: 'judgement/src/author.ts', find: 'if (others.length > 0) return', replace: 'if (others.length > 9) return' }],
    test: 'of two From fields',
  },
  {
    what: 'forgeries: the first @ in From is the author’s',
    edits: [
      {
        file: 'judgement/src/author.ts',
        find: "domainsIn(from.replaceAll('\\r\\n', '\\n'))",
        replace: "new Set([/@([^ >,;:()\"]+)/.exec(from)?.[1] ?? ''])",
      },
    ],
    test: 'comments, names and groups',
  },
  {
    what: 'forgeries: a signature for the beginning of a body counts',
    edits: [{ file: 'dkim/src/verify.ts', find: 'if (body?.leavesOut === true &&', replace: 'if (body?.leavesOut === undefined &&' }],
    test: 'a signature for the beginning',
  },
  {
    what: 'forgeries: a broken chain is believed',
    edits: [{ file: 'judgement/src/policy.ts', find: "if (arc.result !== 'pass') return undefined", replace: '' }],
    test: 'a chain of seals',
  },
  {
    what: 'forgeries: where the DNS does not answer it passes',
    edits: [{ file: 'dmarc/src/check.ts', find: "unknown ? 'temperror' : 'fail'", replace: "unknown ? 'pass' : 'fail'" }],
    test: 'no answer',
  },
]
