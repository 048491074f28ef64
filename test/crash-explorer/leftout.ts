/** Faults: a sync, a record or a timer that is left out. */
import {
  bounces,
  byOneShot,
  bySmtp,
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

export const removedSyncs: readonly Mutation[] = [
  {
    what: 'queue (resident): `mess` is not synced',
    edits: [{ file: submission, find: '    this.#sync(draft.mess)\n', replace: '' }],
    scenarios: bySmtp,
  },
  {
    what: 'queue (resident): `intd` is not synced',
    edits: [{ file: submission, find: 'this.#sync(draft.intd)', replace: 'this.#sync(draft.mess)' }],
    scenarios: bySmtp,
  },
  {
    what: 'queue (resident): a message in a spare file is not synced',
    edits: [
      lookOften,
      { file: draft, find: "spares?.take('mess')\n", replace: "spares?.take('mess')\n    this.isSpare = spare !== undefined\n" },
      { file: submission, find: '    this.#sync(draft.mess)\n', replace: '    if (!draft.isSpare) this.#sync(draft.mess)\n' },
    ],
    scenarios: intoSpares,
  },
  {
    what: 'queue (resident): an envelope in a spare file is not synced',
    edits: [
      lookOften,
      {
        file: submission,
        find: 'this.#sync(draft.intd)',
        replace: "this.#sync(draft.intdPath.startsWith('spare/') ? draft.mess : draft.intd)",
      },
    ],
    scenarios: intoSpares,
  },
  {
    what: 'queue (resident): `todo/` is not synced',
    edits: [{ file: groupCommit, find: 'fsync(this.#fd, (error) => {', replace: 'setImmediate((error = null) => {' }],
    scenarios: bySmtp,
  },
  {
    what: 'queue (one-shot): `mess` is not synced',
    edits: [{ file: oneShot, find: 'step(exitCode.writeError, () => fsyncSync(draft.mess))', replace: '' }],
    scenarios: byOneShot,
  },
  {
    what: 'queue (one-shot): `intd` is not synced',
    edits: [{ file: oneShot, find: 'step(exitCode.writeError, () => fsyncSync(draft.intd))', replace: '' }],
    scenarios: byOneShot,
  },
  {
    what: 'queue (one-shot): `todo/` is not synced',
    edits: [{ file: oneShot, find: "step(exitCode.writeError, () => syncDirectory('todo'))", replace: '' }],
    scenarios: byOneShot,
  },
  {
    what: 'send: `info` is not synced',
    edits: [{ file: preprocess, find: 'syncAll(files, ', replace: 'syncAll(files.filter((file) => file !== this.#info), ' }],
    scenarios: several,
  },
  {
    what: 'send: `local` is not synced',
    edits: [{ file: preprocess, find: 'syncAll(files, ', replace: 'syncAll(files.filter((file) => file !== this.#channels.local), ' }],
    scenarios: several,
  },
  {
    what: 'send: `remote` is not synced',
    edits: [{ file: preprocess, find: 'syncAll(files, ', replace: 'syncAll(files.filter((file) => file !== this.#channels.remote), ' }],
    scenarios: ['here and at another host'],
  },
  {
    what: 'send: `bounce` is not synced',
    edits: [{ file: 'send/src/bounce/file.ts', find: 'fsync(fd, (error) => {', replace: 'setImmediate((error = null) => {' }],
    scenarios: bounces,
  },
  {
    what: 'local: the file of a Maildir is not synced by a delivery that is alone',
    edits: [{ file: maildir, find: syncFile, replace: `if (!alone) ${syncFile}` }],
    scenarios: bySmtp,
  },
  {
    what: 'local: the file of a Maildir is not synced by one of several deliveries at once',
    edits: [{ file: maildir, find: syncFile, replace: `if (alone) ${syncFile}` }],
    scenarios: several,
  },
  {
    what: "local: a Maildir's `new/` is not synced by a delivery that is alone",
    edits: [{ file: maildir, find: syncNew, replace: `if (!alone) ${syncNew}` }],
    scenarios: bySmtp,
  },
  {
    what: "local: a Maildir's `new/` is not synced by one of several deliveries at once",
    edits: [{ file: maildir, find: syncNew, replace: `if (alone) ${syncNew}` }],
    scenarios: several,
  },
  {
    what: 'local: an mbox is not synced',
    edits: [{ file: mbox, find: '    await synced(fd)\n    if', replace: '    if' }],
    scenarios: ['mbox, twice'],
  },
  {
    what: 'local: the directory of a new mbox is not synced',
    edits: [{ file: mbox, find: 'if (end === 0) await', replace: 'if (end < 0) await' }],
    scenarios: ['mbox, twice'],
  },
]

export const recordsLeftOut: readonly Mutation[] = [
  {
    what: 'send: what is said of a message with its envelope is not written into `info`',
    edits: [{ file: preprocess, find: `\\0\${facts.records}`, replace: '\\0' }],
    scenarios: ['two at another host, by the one-shot queue'],
  },
]

export const timersLeftOut: readonly Mutation[] = [
  {
    what: 'send: what crashes left in `mess` is not removed after 36 hours',
    edits: [{ file: 'send/src/finish/sweep.ts', find: 'if (cleaner.isRemoving(id) || !isOrphan(id)) return', replace: 'return' }],
    scenarios: bySmtp,
  },
  {
    what: 'clean: what crashes left in `pid` is not removed after 36 hours',
    edits: [{ file: 'clean/src/sweep.ts', find: 'unlinkSync(path)\n    } catch', replace: 'void 0\n    } catch' }],
    scenarios: bySmtp,
  },
  {
    what: 'pop3d: what crashes left in `tmp` is not removed after 36 hours',
    edits: [{ file: 'maildir/src/list.ts', find: 'unlinkSync(path)\n    } catch', replace: 'void 0\n    } catch' }],
    scenarios: bySmtp,
  },
]
