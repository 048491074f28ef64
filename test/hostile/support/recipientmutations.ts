/** Faults that recipients.ts must find: a look with rights that are not the user's, a no that is not certain, a caller who is nobody. */
import type { Mutation } from './mutations.ts'

export const recipientMutations: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'recipients: recipientd answers anybody',
    edits: [{ file: 'recipientd/src/main.ts', find: 'mayCall: (uid) => callers.has(uid)', replace: 'mayCall: () => true' }],
    test: 'only the accounts',
  },
  {
    what: 'recipients: a look is root’s',
    edits: [{ file: 'recipientd/src/lookasuser.ts', find: '  becomeUser(words)\n', replace: '  void [becomeUser, words]\n' }],
    test: 'a look is made by',
  },
  {
    what: 'recipients: smtpd refuses where nobody answers it',
    edits: [
      { file: 'smtpd/src/userquestions.ts', find: '      return taken\n', replace: '      return { refusal: { reply: noMailbox } }\n' },
    ],
    test: 'trouble is never',
  },
  {
    what: 'recipients: trouble of recipientd is a no',
    edits: [{ file: 'recipientd/src/recipientd.ts', find: "return { verdict: 'uncertain'", replace: "return { verdict: 'unknown'" }],
    test: 'trouble is never',
  },
  {
    what: 'recipients: what a delivery would put off is a no',
    edits: [{ file: 'recipient/src/look.ts', find: 'return uncertain(error.message)', replace: 'return unknown(error.message)' }],
    test: 'links, FIFOs',
  },
  {
    what: 'recipients: a home that does not answer is looked into again and again',
    edits: [{ file: 'recipientd/src/looks.ts', find: '      if (isInHome) this.#callSilent(home)\n', replace: '' }],
    test: 'a user who stops',
  },
]
