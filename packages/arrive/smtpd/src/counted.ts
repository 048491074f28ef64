/** What all sessions of one smtpd count of strangers. */
import { messageRateSeconds, rateClients } from '@yabumi/limits'
import { ClientRate } from '@yabumi/listener'

export class Counted {
  readonly connections: ClientRate = new ClientRate(60, rateClients)
  readonly messages: ClientRate = new ClientRate(messageRateSeconds, rateClients)
  readonly recipients: ClientRate = new ClientRate(messageRateSeconds, rateClients)
}
