/** Limits on whoever logs in. */

/** What checkpassword reads from descriptor 3 (spec §6.2), and what setpassword stores so that it fits in there. */
export const credentialsBytes = 512
export const loginBytes = 254
export const passwordBytes = 128
/**
 * Rounds of PBKDF2 in a SCRAM verifier of ours. The clients that use Cyrus SASL (mbsync, mutt, KMail) give up when a
 * server asks for one more. And the fewest (RFC 7677 §4) and most that a server may ask of our clients.
 */
export const scramIterations = 65_536
export const scramIterationsLeast = 4_096
export const scramIterationsMost = 1_000_000
/** Logins that popup has checked at once, and the seconds after which a check that is not done lets the next one begin. */
export const popChecks = 10
export const popCheckSeconds = 10
/** Largest record between a front, authd and sessiond, in bytes. */
export const loginRecordBytes = 16_384
/** What one account may ask authd at once: a challenge waits for its client. And the calls of authd's that sessiond has under way. */
export const authConnectionsPerCaller = 1_000
export const sessionCalls = 1_000
/** Seconds for which a challenge is good. */
export const challengeSeconds = 60
/** Seconds that a front waits for a challenge before it greets without one, and for the word on a login before it says try again. */
export const authGreetingSeconds = 5
export const authAnswerSeconds = 45
/** Milliseconds between two looks whether a session that rests has to be served. */
export const parkedPollMilliseconds = 500
/** Seconds between two signs of life to its client, and those without a word of a client that hears none, until it ends. */
export const parkedCallSeconds = 120
export const parkedSilenceSeconds = 1_770
/** Seconds that authd waits for sessiond, and both for the record of a call. */
export const sessionAnswerSeconds = 10
export const loginCallSeconds = 10
/** Seconds that a checker of the administrator's (control/checkpassword) has. */
export const foreignCheckSeconds = 10
/** Seconds that a program which judges tokens (control/oauth) has. */
export const tokenCheckSeconds = 5
/** Passwords that authd checks at once, and logins that wait for it; half of both for clients that have logged in well. */
export const loginChecks = 4
export const loginsWaiting = 200
/** Seconds for which a right password is right again without a slow hash, and how many such are kept. */
export const loginProofSeconds = 600
export const loginProofs = 10_000
/** Days for which a client is known to have logged in well, how many pairs of client and login are, and the seconds after which that is on the disk. */
export const knownClientDays = 30
export const knownClients = 20_000
export const knownClientsSaveSeconds = 60
/** Wrong passwords for one login within so many seconds, after which strangers are checked once in so many; and logins of which that is kept. */
export const wrongPasswords = 10
export const wrongPasswordSeconds = 600
export const wrongPasswordPauseSeconds = 10
export const wrongPasswordLogins = 10_000
/** Days without use after which a login without a verifier no longer keeps SCRAM from being offered, and logins of which the last day is kept. */
export const scramUnusedDays = 90
export const usedLogins = 100_000
/** Longest header of a message that a person submits, in bytes. */
export const submittedHeaderBytes = 1_048_576
/** Logins and periods of which is kept what was sent (control/userlimits). */
export const limitedUsers = 20_000
/** Domains that logins have written to, in all (control/newdomains). */
export const knownDomains = 100_000
/** Domains that a login may write to for the first time within a day, in a new home. */
export const newDomainsPerDay = 200
/** Recipients of a login, at least, and seconds, of which control/bouncehold counts those that do not exist; and logins that are counted. */
export const bounceHoldRecipients = 20
export const bounceHoldSeconds = 3_600
export const watchedLogins = 10_000
/** Seconds after which what was sent is on the disk. */
export const limitsSaveSeconds = 10
/** Wrong logins of one SMTP session, after which the next one ends it. */
export const authTries = 3
/** Base64 of one response of a login (RFC 4954 §4), and the responses of one login. */
export const authResponseBytes = 12_288
export const authResponses = 10
/** Wrong logins of one address within ten minutes after which it is refused (control/authfailures), the most seconds that an answer to one waits, and
 * addresses of which that is kept. */
export const authFailures = 10
export const authDelaySeconds = 10
export const failingClients = 65_536
/** Sessions of one login at once: each is a process, and all of them share the places of the server in front. */
export const sessionsPerLogin = 20
/** The same where one process serves them all, as of IMAP: phones and mail programs have several each. */
export const sessionsOfWorker = 30
/** Bytes of the word that a front may say to what sessiond starts: a tag of IMAP. */
export const sessionWordBytes = 100
/** What a client of POP3 or IMAP may send before it has logged in, all together. */
export const popLoginBytes = 16_384
/** Wrong logins that end a POP3 connection, and the seconds before each is answered (control/popextensions). */
export const popTries = 3
export const popWrongSeconds = 2
/** Wrong logins that end an IMAP connection, and commands that are none before somebody has logged in. */
export const imapTries = 3
export const imapBadCommands = 3
/** Seconds without a command after which an IMAP session ends (RFC 9051 §5.4), and those for which a client may take none of its answers. */
export const imapSilenceSeconds = 1_800
export const imapStallSeconds = 300
/** Bytes of answers that wait for a client, before its command is carried on. */
export const imapOutputBytes = 1_048_576
/** Commands that are none, of one IMAP session. */
export const imapSessionBadCommands = 20
/** Bytes of the messages of one APPEND (RFC 7889). */
export const imapMessageBytes = 52_428_800
/** Searches that a session is told the changes of (RFC 5267), and messages of such a SORT. */
export const imapContexts = 10
export const imapSortedMessages = 1_000
/** Mailboxes that a session is told of (RFC 5465), and seconds between two looks at them. */
export const imapNotifyMailboxes = 1_000
export const imapNotifySeconds = 5
/** Bytes of what a client sends compressed that are unpacked at a time (RFC 4978). */
export const imapInflatedBytes = 131_072
/** Seconds between two words of how far a long command is (RFC 9585). */
export const imapProgressSeconds = 10
/** Seconds between two signs of life in IDLE. */
export const imapStillHereSeconds = 120
/** Milliseconds after which a long command lets other sessions have their turn. */
export const imapTurnMilliseconds = 20
/** Seconds without a session after which a worker of IMAP leaves. */
export const imapWorkerSeconds = 60
/** Seconds of rest after which a session is served by nobody until its client says something, and bytes of what is kept of it. */
export const imapRestSeconds = 30
export const parkedStateBytes = 4_096
