/** The log of the door for one connection, under tcpserver: on descriptor 2, which qmail's smtpd leaves alone. */
import { fstatSync, type Stats } from 'node:fs'
import { isIP } from 'node:net'
import { complain } from '@yabumi/commandline'
import { callerOf } from '@yabumi/listener'
import { DoorLog } from '@yabumi/logline'
import { SessionLog } from './sessionlog.ts'
import type { Settings } from './settings.ts'

/** @returns undefined where there is no client to name, or where descriptor 2 is its connection, as under inetd */
export function sessionLog(environment: ReadonlyMap<string, string>, { relayClient }: Settings): SessionLog | undefined {
  const address = environment.get('TCPREMOTEIP') ?? ''
  const port = Number(environment.get('TCPREMOTEPORT')) || 0
  if (isIP(address) === 0 || [0, 1].some((fd) => isSame(fstatSync(fd), fstatSync(2)))) return undefined
  const log = new DoorLog('smtpd', complain)
  process.once('exit', () => log.end())
  return new SessionLog(log, callerOf({ address, port }, relayClient !== undefined))
}

function isSame(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev
}
