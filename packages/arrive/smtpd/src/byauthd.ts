/** Logins that authd judges: the way of a submission server of ours, which knows no password. */
import { askMechanisms, LoginExchange } from '@yabumi/loginprotocol'
import type { Logins } from './logins.ts'

export const byAuthd: Logins = {
  /** Without authd passwords are offered, so that a client hears to come back, and asks nobody for another password. */
  mechanisms: async (client) => (await askMechanisms(client)) ?? ['PLAIN', 'LOGIN'],
  exchange: (client, binding) => new LoginExchange(client, binding),
}
