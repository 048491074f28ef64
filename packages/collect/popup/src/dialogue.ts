/** POP3 before login, for the resident form. */
import { complain } from '@yabumi/commandline'
import type { Full } from '@yabumi/listener'
import type { Client, Terms, tlsBegins } from '@yabumi/loginclient'
import type { Dialogue } from '@yabumi/loginfront'
import { Seldom } from '@yabumi/logline'
import { PopSwitch, refusal } from '@yabumi/pop3'
import { converse, crowded } from './login.ts'

export class PopDialogue implements Dialogue {
  readonly program = 'popup'
  readonly #seldom = new Seldom((line) => complain(`popup: ${line}`))
  readonly #extensions = new PopSwitch('popextensions', (line) => this.#seldom.say('extensions', line))

  refusal(full: Full): string {
    return refusal(full === 'all' ? crowded : 'too many connections from your address', 'SYS/TEMP', this.#extensions.isOn)
  }

  converse(client: Client, terms: Terms, isGreeted: boolean): Promise<string | typeof tlsBegins> {
    return converse(client, { ...terms, isExtended: this.#extensions.isOn }, isGreeted)
  }
}
