/** The log of the door for one connection, under tcpserver: on descriptor 2, which qmail's smtpd leaves alone. */
import { complain } from '@yabumi/commandline'
import { callerBehind } from '@yabumi/listener'
import { DoorLog } from '@yabumi/logline'
import { SessionLog } from './sessionlog.ts'

/** @returns undefined where there is no client to name, or nowhere to write */
export function sessionLog(environment: ReadonlyMap<string, string>): SessionLog | undefined {
  const caller = callerBehind(environment)
  if (caller === undefined) return undefined
  const log = new DoorLog('smtpd', complain)
  process.once('exit', () => log.end())
  return new SessionLog(log, caller)
}
