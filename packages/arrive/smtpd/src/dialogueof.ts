/** The dialogue of one session, with what it shares with the others. */
import { authenticationFor } from './authentication.ts'
import { Dialogue } from './dialogue.ts'
import { GreylistQuestions } from './greylistquestions.ts'
import { ListQuestions } from './listquestions.ts'
import { Screen } from './screen.ts'
import type { Settings } from './settings.ts'
import type { Client, SessionTls, Shared } from './wire.ts'

export function dialogueOf(client: Client, settings: Settings, shared: Shared, tls: SessionTls): Dialogue {
  const { remoteAddress: address } = client
  const authentication = authenticationFor(shared.logins, settings.login, address, tls)
  const ask = (recipient: string): ReturnType<typeof shared.users.ask> => shared.users.ask(recipient, address)
  const screen = new Screen(
    address,
    shared.counted,
    new ListQuestions(client, shared.listJudge),
    shared.greylist && new GreylistQuestions(client, shared.greylist),
  )
  return new Dialogue(settings, shared.memory.roomOf(address), ask, { tls, screen }, authentication, shared.limits)
}
