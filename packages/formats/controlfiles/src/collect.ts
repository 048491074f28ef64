/** How users log in and fetch their mail. */
import { authFailures } from '@yabumi/limits'
import type { ControlFile } from './file.ts'

export const collect: Readonly<Record<string, ControlFile>> = {
  apop: {
    kind: 'number',
    otherwise: 1,
    inNewHomes: '0',
    readBy: ['authd', 'popup'],
    says: '0: APOP is offered only while a login has a secret for it (`setpassword --apop`). With a checker in place of authd it is never offered',
  },
  authfailures: {
    kind: 'number',
    otherwise: authFailures,
    readBy: ['authd'],
    says: 'wrong logins of one address within ten minutes, after which it hears 421 on submission. 0: never',
  },
  checkpassword: {
    kind: 'line',
    without: 'our own passwords',
    readBy: ['authd', 'sessiond'],
    says: "a program with qmail's interface, and its arguments. It runs as root and checks logins in place of authd",
  },
  mailquota: {
    kind: 'number',
    otherwise: 0,
    without: 'what the maildirsize of each says',
    readBy: ['imap'],
    says: "MB of 1,048,576 bytes that each user's Maildir may hold before IMAP takes no more",
  },
  oauth: {
    kind: 'line',
    without: 'no tokens',
    readBy: ['authd', 'sessiond'],
    says: 'a program that judges tokens of OAuth, and its arguments. It runs as the account check. With it OAUTHBEARER and XOAUTH2 are offered',
  },
  popextensions: {
    kind: 'number',
    otherwise: 0,
    without: 'as qmail',
    inNewHomes: '1',
    readBy: ['popup', 'pop3d'],
    says: '1: POP3 has CAPA, response codes, and three tries for a login',
  },
  scram: {
    kind: 'number',
    otherwise: 0,
    inNewHomes: '1',
    readBy: ['authd', 'setpassword'],
    says: '1: passwords are stored for SCRAM as well, and SCRAM is offered once all logins that are in use have that',
  },
}
