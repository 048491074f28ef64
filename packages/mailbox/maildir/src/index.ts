/** Maildirs: tmp/ new/ cur/, one file a message (spec §2.7.5). */
export { deliverToMaildir, type MessageBytes } from './deliver.ts'
export { flush } from './flush.ts'
export { CannotList, cleanMaildir, listMaildir, type MaildirFile, type MaildirPart, maildirPath } from './list.ts'
export { makeMaildir } from './make.ts'
export { maildirProblem } from './place.ts'
