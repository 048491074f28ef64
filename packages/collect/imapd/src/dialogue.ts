/** IMAP before login, for the resident form. */
import type { Full } from '@yabumi/listener'
import type { Client, Terms, tlsBegins } from '@yabumi/loginclient'
import type { Dialogue } from '@yabumi/loginfront'
import { BeforeLogin } from './beforelogin.ts'

export const imapDialogue: Dialogue = {
  program: 'imapd',
  refusal: (full: Full) => `* BYE [LIMIT] too many connections${full === 'all' ? '' : ' from your address'}, try again later`,
  converse: (client: Client, terms: Terms, isGreeted: boolean): Promise<string | typeof tlsBegins> =>
    new BeforeLogin(client, terms).converse(isGreeted),
}
