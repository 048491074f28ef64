/** What several faults are about: source files, lines of them, and the scenarios that lead through. */
import type { Edit } from '../support/plant.ts'

export const submission = 'queue/src/submission.ts'
export const groupCommit = 'queue/src/groupcommit.ts'
export const oneShot = 'queue/src/oneshot.ts'
export const draft = 'queue/src/draft.ts'
export const preprocess = 'send/src/take/preprocess.ts'
export const maildir = 'maildir/src/deliver.ts'
export const mbox = 'mbox/src/append.ts'
export const clean = 'clean/src/main.ts'
export const bySmtp = ['Maildir, by SMTP']
export const byOneShot = ['Maildir, by the one-shot queue']
export const several = ['several recipients']
/** Its later messages are written over the files of its first ones, which are longer, if queue looks for them often enough. */
export const intoSpares = ['one after the other']
export const lookOften: Edit = { file: 'queue/src/spares.ts', find: 'const patience = 32\n', replace: 'const patience = 1\n' }
export const bounces = ['failure of one of two, and bounce']
export const syncFile = 'await flush(fd, alone)'
export const syncNew = 'await syncTogether(place.new, alone, place.newKey)'
