/** What the whole home goes by. */
import { stopSeconds } from '@yabumi/limits'
import type { ControlFile } from './file.ts'

export const operate: Readonly<Record<string, ControlFile>> = {
  me: {
    kind: 'line',
    without: 'several programs refuse to run',
    readBy: 'all',
    says: "the host's name, and the fallback of many others",
  },
  daily: {
    kind: 'list',
    without: 'daily does not run',
    inNewHomes: '03:17 dkimkey check\n03:47 acme',
    readBy: ['daily', 'supervise', 'service'],
    says: 'HH:MM PROGRAM ARGUMENT ..., programs of bin/ that run once a day',
  },
  defaultdelivery: {
    kind: 'text',
    otherwise: './Maildir/',
    readBy: ['supervise', 'service', 'pop3d', 'imap'],
    says: 'what happens to mail of a user without a .qmail, as in such a file',
  },
  mailboxuids: {
    kind: 'line',
    otherwise: '70000-99999',
    readBy: ['mailbox'],
    says: 'from which uid to which mailboxes without accounts have theirs, each with a gid of the same number',
  },
  sharedaccounts: {
    kind: 'list',
    without: 'there are none',
    readBy: ['local', 'lspawn', 'pop3d', 'imap', 'mailbox', 'explain'],
    says: 'uids of accounts that several mailboxes have: their dotfiles run no program and open nothing outside their homes',
  },
  logtimes: {
    kind: 'number',
    otherwise: 1,
    without: 'only where standard error is a file or a terminal',
    readBy: ['supervise'],
    says: '1: lines of the log begin with the time. 0: they do not',
  },
  acme: {
    kind: 'list',
    without: 'none is asked',
    readBy: ['acme'],
    says: 'KEY VALUE, whom to ask for certificates, and for which names: directory, email, names, challenge, keytype, cafile',
  },
  mailaccess: {
    kind: 'list',
    without: '`submissions 465` and `pop3s 995`',
    readBy: ['webfiles', 'dnsadvice'],
    says: 'SERVICE PORT, where programs of people find their mail: submissions, submission, imaps, imap, pop3s, pop3',
  },
  stspolicy: {
    kind: 'line',
    without: 'there is no policy',
    readBy: ['webfiles', 'dnsadvice'],
    says: 'the MTA-STS policy of our domains: none, testing or enforce, and the MX hosts, else the host of control/me',
  },
  stoptime: {
    kind: 'number',
    otherwise: stopSeconds,
    readBy: ['supervise', 'send', 'lspawn', 'rspawn', 'smtpd', 'queue', 'popup', 'pop3d', 'imapd', 'imap', 'sessiond'],
    says: "seconds that what is under way may take when the home is stopped. A user's program hears TERM 10 seconds before",
  },
}
