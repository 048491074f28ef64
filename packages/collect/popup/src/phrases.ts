/** What a client of POP3 hears of a login that authd has judged, or not (RFC 3206). */
import type { Phrases } from '@yabumi/loginfront'

export const phrases: Phrases = {
  refused: '-ERR authorization failed',
  notNow: '-ERR [SYS/TEMP] unable to check the login now, try again later',
  givenUp: '-ERR the login was given up',
  noMechanism: '-ERR no such mechanism',
  malformed: '-ERR that is no response of this mechanism',
}
