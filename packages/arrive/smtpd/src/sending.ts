/** Who has logged in, and what that allows: to send anywhere, as who it is. */
import { nowSeconds } from '@yabumi/dates'
import { withLogin } from '@yabumi/facts'
import { type Hop, receivedField } from '@yabumi/received'
import { askSender } from '@yabumi/recipientprotocol'
import { Trouble } from '@yabumi/trouble'
import type { LoggedIn } from './authentication.ts'
import { type Reaction, reply } from './replies.ts'
import type { Settings } from './settings.ts'
import type { SubmissionTerms } from './submitted.ts'

/** What holds for a client that has logged in. Programs that run for it find who it is in their environment (spec §18.3). */
export function settingsOf({ login, mechanism }: LoggedIn, settings: Settings): Settings {
  const relayClient = settings.relayClient ?? ''
  const variables = { AUTHUSER: login, AUTHMECH: mechanism, QMAILAUTHENTICATED: '1', TCPREMOTEINFO: login, RELAYCLIENT: relayClient }
  const facts = withLogin(settings.facts, login)
  return { ...settings, relayClient, facts, environment: new Map([...settings.environment, ...Object.entries(variables)]) }
}

/** The Received field. @param hides - nobody is to see who has sent it, and from where */
export function receivedBy(hop: Hop, user: LoggedIn | undefined, hides: boolean): string {
  return receivedField('SMTP', hopOf(hop, user, hides), nowSeconds())
}

function hopOf(hop: Hop, user: LoggedIn | undefined, hides: boolean): Hop {
  if (user === undefined) return hop
  const { localHost, tls } = hop
  if (hides) return { remoteHost: 'unknown', remoteAddress: 'unknown', remoteInfo: undefined, localHost, tls, authenticated: true }
  return { ...hop, remoteInfo: user.login, authenticated: true }
}

/** How the header of a message is judged and put right; undefined where no person submits it. */
export function submissionTerms(user: LoggedIn | undefined, settings: Settings): SubmissionTerms | undefined {
  if (user === undefined || !settings.isSubmission) return undefined
  const { fromRule, idHost, hostName, hidesOrigin } = settings
  return { login: user.login, fromRule, idHost, hostName, hidesOrigin }
}

/** Whether somebody may send as this. @returns the refusal; undefined if there is none. Never rejects */
export async function foreignSender(login: string, sender: string): Promise<Reaction | undefined> {
  try {
    const { foreign } = await askSender(login, [sender])
    return foreign === undefined ? undefined : { reply: reply.foreignSender }
  } catch (error) {
    if (error instanceof Trouble)
      return { reply: reply.senderTrouble, told: `${reply.senderTrouble.trimEnd()}, ${error.message}`, word: sender }
    throw error
  }
}
