/** IMAP clients of others that keep two copies of an account alike. */
import { testSessions } from './support/imap/sessions.ts'
import { interimap, mbsync, offlineimap } from './support/imap/sync.ts'

await testSessions([mbsync, offlineimap, interimap], ['interimap-other', 'interimap-other-tls'])
