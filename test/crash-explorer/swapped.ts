/** Faults: two steps in the wrong order, the later one surely over when the other begins. */
import type { Edit } from '../support/plant.ts'
import {
  bounces,
  byOneShot,
  bySmtp,
  clean,
  draft,
  groupCommit,
  intoSpares,
  lookOften,
  maildir,
  mbox,
  oneShot,
  preprocess,
  several,
  submission,
  syncFile,
  syncNew,
} from './faultlines.ts'
import type { Mutation } from './mutations.ts'

const spares = 'queue/src/spares.ts'
const jobs = 'send/src/try/jobs.ts'
const bounceMail = 'send/src/bounce/mail.ts'
const forward = 'local/src/forward.ts'
const late = 50 // milliseconds: the step that came too early is surely over
/** Nothing is accepted as long as a sync is to come. */
const syncLate = `this.#syncs += 1; setTimeout(() => { this.#syncs -= 1; this.#sync(draft.intd) }, ${late})`
const syncInfo = `syncAll(files, (failed) => {
      if (failed === undefined) this.#clean(sender, facts)
      else this.#fail(\`trouble fsyncing \${failed.path}\`)
      this.#shared.wake()
    })`
const markEarly: Edit = {
  file: 'send/src/try/job.ts',
  find: '  close(): void {',
  replace: '  markEarly(position) { this.#mark(position) }\n  close(): void {',
}

export const swappedSteps: readonly Mutation[] = [
  {
    what: 'queue: `intd` is made before `mess` has its name',
    edits: [
      { file: draft, find: 'step(exitCode.mess, () => moveToFree(path, this.messPath))', replace: 'this.late = path' },
      { file: draft, find: 'this.#madeIntd = true', replace: 'this.#madeIntd = true\n    moveToFree(this.late, this.messPath)' },
    ],
    scenarios: bySmtp,
  },
  {
    what: 'queue (resident): the entry in `todo/` is made before the syncs of `mess` and `intd`',
    edits: [
      {
        file: submission,
        find: 'this.#sync(draft.intd)',
        replace: `draft.renameToTodo(); draft.renameToTodo = () => {}; ${syncLate}`,
      },
    ],
    scenarios: bySmtp,
  },
  {
    what: 'queue (resident): the answer is given before the sync of `todo/`',
    edits: [
      {
        file: groupCommit,
        find: 'this.#sync(end)\n  }\n',
        replace: `for (const waiter of waiters.splice(0)) waiter(undefined)\n    setTimeout(() => this.#sync(end), ${late})\n  }\n`,
      },
    ],
    scenarios: bySmtp,
  },
  {
    what: 'queue (resident): a file of a finished message is written over before `todo/` is synced',
    edits: [
      { file: spares, find: 'this.#todo.afterNext((error) => {', replace: ';((act) => act(undefined))((error) => {' },
      {
        file: spares,
        find: 'if (this.#wanted && this.#usable[kind].length < enough && this.#untilList <= 0) this.#list()',
        replace: 'if (this.#wanted) this.#list()',
      },
    ],
    scenarios: intoSpares,
  },
  {
    what: 'queue (resident): a message in a spare file is cut off after its sync',
    edits: [
      lookOften,
      { file: submission, find: '    draft.endMess()\n', replace: '' },
      { file: submission, find: '      draft.close()\n', replace: '      draft.endMess()\n      draft.close()\n' },
    ],
    scenarios: intoSpares,
  },
  {
    what: 'queue (resident): the entry in `todo/` is made before the syncs of spare files',
    edits: [
      lookOften,
      {
        file: draft,
        find: 'step(exitCode.mess, () => moveToFree(path, this.messPath))',
        replace: 'step(exitCode.mess, () => moveToFree(path, this.messPath))\n    this.isSpare = spare !== undefined',
      },
      {
        file: submission,
        find: 'this.#sync(draft.intd)',
        replace: `if (draft.isSpare) { draft.renameToTodo(); draft.renameToTodo = () => {} }
    ${syncLate}`,
      },
    ],
    scenarios: intoSpares,
  },
  {
    what: 'queue (one-shot): the entry in `todo/` is made before the sync of `mess`',
    edits: [
      { file: oneShot, find: 'step(exitCode.writeError, () => fsyncSync(draft.mess))', replace: '' },
      { file: oneShot, find: '  draft.close()\n', replace: '  fsyncSync(draft.mess)\n  draft.close()\n' },
    ],
    scenarios: byOneShot,
  },
  {
    what: 'queue (one-shot): the entry in `todo/` is made before the sync of `intd`',
    edits: [
      { file: oneShot, find: 'step(exitCode.writeError, () => fsyncSync(draft.intd))', replace: '' },
      { file: oneShot, find: '  draft.close()\n', replace: '  fsyncSync(draft.intd)\n  draft.close()\n' },
    ],
    scenarios: byOneShot,
  },
  {
    what: 'queue (one-shot): `todo/` is synced before the entry is made',
    edits: [
      { file: oneShot, find: "step(exitCode.writeError, () => syncDirectory('todo'))", replace: '' },
      { file: oneShot, find: '    step(exitCode.todo, ', replace: "    syncDirectory('todo')\n    step(exitCode.todo, " },
    ],
    scenarios: byOneShot,
  },
  {
    what: 'send: `todo` is removed before the syncs of `info` and `local`',
    edits: [
      {
        file: preprocess,
        find: syncInfo,
        replace: `this.#shared.cleaner.ask('todo', this.#id, () =>
      setTimeout(() => syncAll(files, () => { this.#clean(sender, facts); this.#shared.wake() }), ${late}))
    this.#shared.wake()`,
      },
    ],
    scenarios: several,
  },
  {
    what: 'send: `todo` is removed before the first attempt has succeeded',
    edits: [
      {
        file: preprocess,
        find: 'else if (this.#waits() || !this.#shared.tryFirst',
        replace: "else if (this.#shared.cleaner.ask('todo', this.#id, () => {}), this.#waits() || !this.#shared.tryFirst",
      },
    ],
    scenarios: bySmtp,
  },
  {
    what: 'clean: after a first attempt `mess` goes to `spare/` before `todo`',
    edits: [
      {
        file: clean,
        find: "    if (!removed(queuePath('intd', id)) || !(spares",
        replace: "    if (!spares.keep('mess', id)) remove(queuePath('mess', id))\n    if (!removed(queuePath('intd', id)) || !(spares",
      },
    ],
    scenarios: bySmtp,
  },
  {
    what: 'send: a recipient is marked `D` before the delivery',
    edits: [markEarly, { file: jobs, find: '    job.begin()\n', replace: '    job.begin()\n    job.markEarly(position)\n' }],
    scenarios: several,
  },
  {
    what: 'send: a recipient that is done is not marked `D`',
    edits: [{ file: 'send/src/try/job.ts', find: '    else this.#mark(position)\n', replace: '' }],
    scenarios: several,
  },
  {
    what: 'send: a recipient that failed is marked `D` before `bounce` is written',
    edits: [
      markEarly,
      {
        file: jobs,
        find: 'else this.#bounces.record(job.id, recipient, told, done)',
        replace: `else { job.markEarly(position); setTimeout(() => this.#bounces.record(job.id, recipient, told, done), ${late}) }`,
      },
    ],
    scenarios: bounces,
  },
  {
    what: 'send: `info` is removed before the channel file',
    edits: [
      {
        file: jobs,
        find: `    } else if (!job.remove()) job.channel.schedule(job.id, now + sysfailSeconds)
    else if (!this.#goesOnElsewhere(job)) this.#finished(job.id)
`,
        replace: '    } else { if (!this.#goesOnElsewhere(job)) this.#finished(job.id); job.remove() }\n',
      },
    ],
    scenarios: several,
  },
  {
    what: 'send: `bounce` is removed before the bounce is accepted',
    edits: [{ file: bounceMail, find: '  asked()\n', replace: "  asked()\n  remove(queuePath('bounce', id))\n" }],
    scenarios: bounces,
  },
  {
    what: 'send: `info` is removed before the bounce is accepted',
    edits: [{ file: bounceMail, find: '  asked()\n', replace: "  asked()\n  remove(queuePath('info', id))\n" }],
    scenarios: bounces,
  },
  {
    what: 'send: `mess` is removed before `info`',
    edits: [
      {
        file: 'send/src/finish/finish.ts',
        find: "      remove(queuePath('info', id))\n      cleaner.ask('foop', id, (removed) => {\n",
        replace: "      cleaner.ask('foop', id, (removed) => {\n        remove(queuePath('info', id))\n",
      },
    ],
    scenarios: several,
  },
  {
    what: 'clean: `todo` is removed before `intd`',
    edits: [
      {
        file: clean,
        find: "removed(queuePath('intd', id)) && remove(queuePath(verb === 'todo' ? 'todo' : 'mess', id))",
        replace:
          "verb === 'todo' ? remove(queuePath('todo', id)) && remove(queuePath('intd', id)) : remove(queuePath('intd', id)) && remove(queuePath('mess', id))",
      },
    ],
    scenarios: ['two recipients, by the one-shot queue'],
  },
  {
    what: 'clean: in the sweep after 36 hours `mess` is removed before `intd`',
    edits: [
      {
        file: clean,
        find: "removed(queuePath('intd', id)) && remove(queuePath(verb === 'todo' ? 'todo' : 'mess', id))",
        replace:
          "verb === 'todo' ? removed(queuePath('intd', id)) && remove(queuePath('todo', id)) : remove(queuePath('mess', id)) && remove(queuePath('intd', id))",
      },
    ],
    scenarios: ['queue killed, and the sweep after 36 hours'],
  },
  {
    what: 'clean: after a first attempt `mess` goes to `spare/` before `intd` is removed',
    edits: [
      { file: clean, find: "!removed(queuePath('intd', id)) || !(spares", replace: '!(spares' },
      { file: clean, find: "    return '+'\n  }\n", replace: "    remove(queuePath('intd', id))\n    return '+'\n  }\n" },
    ],
    scenarios: byOneShot,
  },
  {
    what: 'local: a Maildir has the name in `new/` before its file is synced',
    edits: [
      { file: maildir, find: syncFile, replace: '' },
      {
        file: maildir,
        find: `    renameSync(temporary, bytes(\`\${place.new}/\${name}\`))\n`,
        replace: `    const delivered = bytes(place.new + '/' + name)
    renameSync(temporary, delivered)
    const again = openSync(delivered, 'r')
    await new Promise((resolve) => setTimeout(resolve, ${late}))
    await flush(again, alone)
    closeSync(again)
`,
      },
    ],
    scenarios: bySmtp,
  },
  {
    what: "local: a Maildir's `new/` is synced before the name is in it",
    edits: [
      { file: maildir, find: syncNew, replace: '' },
      { file: maildir, find: '    renameSync(temporary,', replace: `    ${syncNew}\n    renameSync(temporary,` },
    ],
    scenarios: bySmtp,
  },
  {
    what: 'local: success is reported before the sync of an mbox',
    edits: [
      {
        file: mbox,
        find: '    await synced(fd)\n    if',
        replace: `    setTimeout(() => { const { fd } = open(path, true); fsync(fd, () => closeSync(fd)) }, ${late})\n    if`,
      },
    ],
    scenarios: ['mbox, twice'],
  },
  {
    what: 'local: success is reported before a forward is accepted',
    edits: [
      {
        file: forward,
        find: 'const { verdict, text, qp } = await submission.finish(sender, recipients)',
        replace: `setTimeout(() => void submission.finish(sender, recipients), ${late}); const [verdict, text, qp] = ['K', '', '0']`,
      },
    ],
    scenarios: ['forward'],
  },
]
