/** IMAP libraries of others, in scripts as people write them. */
import { imapfilter, imapflow, imaplib, perl } from './support/imap/libraries.ts'
import { testSessions } from './support/imap/sessions.ts'

await testSessions([imaplib, perl, imapfilter, imapflow])
