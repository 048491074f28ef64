/** What a client of IMAP hears of a login, after its tag (RFC 5530): trouble of ours is never a wrong password. */
import type { Phrases } from '@yabumi/loginfront'

export const phrases: Phrases = {
  refused: 'NO [AUTHENTICATIONFAILED] wrong login or password',
  notNow: 'NO [UNAVAILABLE] unable to check the login now, try again later',
  givenUp: 'BAD the login was given up',
  noMechanism: 'NO no such mechanism',
  malformed: 'BAD that is no response of this mechanism',
}
