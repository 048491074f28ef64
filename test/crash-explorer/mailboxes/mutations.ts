/** Faults in what IMAP does to mailboxes, which the explorer must find (../mutations.ts). */
import type { Mutation } from '../mutations.ts'

const uidlist = 'dovecotfiles/src/uidlist.ts'
const dotlock = 'dovecotfiles/src/dotlock.ts'
const bring = 'mailfolder/src/bring.ts'
const commit = 'mailfolder/src/commit.ts'
const modseq = 'mailfolder/src/modseq.ts'
const renames = 'mailfolder/src/renames.ts'
const account = 'mailfolder/src/account.ts'
const mailbox = 'mailfolder/src/mailbox.ts'

type MailMutation = Mutation & { readonly explorer: 'mailboxes' }

function fault(what: string, file: string, find: string, replace: string, ...scenarios: string[]): MailMutation {
  return { what: `imap: ${what}`, edits: [{ file, find, replace }], scenarios, explorer: 'mailboxes' }
}

const syncNames = 'for (const part of parts) await flush(folder.place[part].fd, moved.length === 1)'
const syncRecords = '      fdatasyncSync(fd)\n      this.#remember'
const syncList = '      fdatasyncSync(fd)\n      renameSync(temporary, this.#path)'
const afterRenames = '  syncDirectory(root.path)\n  removeQuietly(journal)\n}\n\n/** Finish'

export const mailMutations: readonly MailMutation[] = [
  fault('the file of an APPEND is not synced', bring, '    await sync(fd) // with its date\n', '', 'APPEND'),
  fault('the directory of an APPEND is not synced', commit, syncNames, '', 'APPEND'),
  fault('the directory of a COPY is not synced', commit, syncNames, '', 'COPY'),
  fault('the directory of a MOVE is not synced', commit, syncNames, '', 'MOVE'),
  fault('records of `dovecot-uidlist` are not synced', uidlist, syncRecords, '      this.#remember', 'APPEND after EXPUNGE of the last'),
  fault('a new `dovecot-uidlist` is not synced', uidlist, syncList, '      renameSync(temporary, this.#path)', 'CREATE'),
  fault('the name of a new `dovecot-uidlist` is not synced', uidlist, '    syncDirectory(this.#directory)\n', '', 'CREATE'),
  fault('the block of modseqs is not synced', modseq, '        fdatasyncSync(fd)\n', '', 'modseqs'),
  fault('the name of the block of modseqs is not synced', modseq, '      syncDirectory(this.#directory)\n', '', 'modseqs'),
  fault('keywords are not synced', dotlock, '      fsyncSync(this.#fd)\n', '', 'APPEND with a new keyword'),
  fault(
    'the name of the keywords is not synced',
    dotlock,
    "      syncDirectory(this.#path.slice(0, this.#path.lastIndexOf('/')))\n",
    '',
    'APPEND with a new keyword',
  ),
  fault('a subscription is not synced', dotlock, '      fsyncSync(this.#fd)\n', '', 'CREATE'),
  fault('a DELETE is not synced', account, '    syncDirectory(this.#root.path)\n    const open', '    const open', 'DELETE'),
  fault('a RENAME is not synced', renames, afterRenames, '  removeQuietly(journal)\n}\n\n/** Finish', 'RENAME'),
  fault('the journal of a RENAME of several is not synced', renames, '    fsyncSync(fd)\n', '', 'RENAME of several'),
  fault(
    'the name of the journal of a RENAME is not synced',
    renames,
    "  syncDirectory(journal.slice(0, journal.lastIndexOf('/')))\n",
    '',
    'RENAME of several',
  ),
  fault(
    'a UIDVALIDITY is told before it is synced',
    'dovecotfiles/src/uidvalidity.ts',
    '      syncDirectory(root)\n',
    '',
    'DELETE and CREATE of one name',
  ),
  fault(
    'MOVE removes messages before their copies are there',
    mailbox,
    '    const copies = await to.#commit(coming)\n',
    '    await this.expunge(uids)\n    const copies = await to.#commit(coming)\n',
    'MOVE',
  ),
]
