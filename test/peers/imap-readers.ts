/** Mail readers of others on a terminal, by IMAP. */
import { mutt, neomutt } from './support/imap/readers.ts'
import { testSessions } from './support/imap/sessions.ts'

await testSessions([mutt, neomutt])
