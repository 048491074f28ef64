/** IMAP clients of others that fetch mail and go. */
import { curl, fetchmail, getmail } from './support/imap/fetch.ts'
import { testSessions } from './support/imap/sessions.ts'

await testSessions([fetchmail, getmail, curl])
