import { connectionVariables, type Ends } from '@yabumi/listener'
import { blockingReply } from './blocked.ts'
import { type Settings, withVariables } from './settings.ts'

/**
 * What holds for one client of the resident form: its rule's variables on top, and, where a program is to be run for it,
 * the connection in the program's environment as under tcpserver. Ordinary clients share the settings of all.
 */
export function settingsFor(ends: Ends, variables: readonly (readonly [name: string, value: string])[], settings: Settings): Settings {
  const own = variables.length === 0 ? settings : withVariables(settings, new Map(variables))
  const blocked = blockingReply(own.environment.get('RBLSMTPD'))
  if (blocked !== undefined) return { ...own, blocked, greetDelaySeconds: 0 }
  const runsPrograms = own.recipientCheck !== undefined || own.environment.has('QMAILQUEUE')
  return runsPrograms ? withVariables(own, new Map(connectionVariables(ends))) : own
}
