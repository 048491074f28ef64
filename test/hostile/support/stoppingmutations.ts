/** Faults that stopping.ts must find: somebody waits for ever, is cut off, or is left behind. */
import type { Mutation } from './mutations.ts'

export const stoppingMutations: readonly Omit<Mutation, 'file'>[] = [
  {
    what: 'stopping: lspawn waits for as long as a program takes',
    edits: [
      {
        file: 'lspawn/src/main.ts',
        find: 'leaving: () => endInTime(shared, stopTime.seconds) }',
        replace: 'leaving: () => void endInTime }',
      },
    ],
    test: 'a program that does not end',
  },
  {
    what: 'stopping: a program is killed without a TERM',
    edits: [{ file: 'local/src/program.ts', find: "signalGroup(pid, 'SIGTERM')", replace: '{}' }],
    test: 'a program that does not end',
  },
  {
    what: 'stopping: a program that heeds no TERM stays',
    edits: [{ file: 'local/src/program.ts', find: "    signalGroup(pid, 'SIGKILL')\n", replace: '' }],
    test: 'a program that does not end',
  },
  {
    what: 'stopping: what a program says when it is told to end bounces mail',
    edits: [{ file: 'local/src/program.ts', find: "  if (reason === 'leaving') throw systemStops(command)\n", replace: '' }],
    test: 'a program that is told to end',
  },
  {
    what: 'stopping: supervise forgets a group with its leader',
    edits: [
      {
        file: 'supervise/src/program.ts',
        find: 'this.#watchOrphans()\n    this.#changed()',
        replace: 'this.#groups.clear()\n    this.#changed()',
      },
    ],
    test: 'what a send that was killed',
  },
  {
    what: 'stopping: a POP3 reply ends in the middle',
    edits: [{ file: 'pop3d/src/main.ts', find: '    connection.leave(isExtended', replace: '    leave()\n    void (isExtended' }],
    test: 'a message under way by SMTP',
  },
  {
    what: 'stopping: a POP3 session without a command stays',
    edits: [{ file: 'pop3d/src/connection.ts', find: '    if (this.#arrived !== undefined) this.#depart()\n', replace: '' }],
    test: 'a message under way by SMTP',
  },
]
