/** A program that start leaves running. */
import { startProgram } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import { accountToBecome, type Role } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import type { Ends } from './wiring.ts'

export interface Child {
  readonly file: string
  readonly args: readonly string[]
  /** Its descriptors 0 and 1; without them it gets neither input nor output. */
  readonly ends?: Ends | undefined
  /** Its descriptor 3. */
  readonly lifeline?: number
  /** As whom it runs if that is ours to choose; without it as we do. */
  readonly role?: Role
}

/** Start it; descriptor 2 is our own, for what only a person can repair. @throws Trouble 4.3.0 if it cannot be run */
export function startChild({ file, args, ends, lifeline, role }: Child): void {
  const wires = [ends?.input ?? ('ignore' as const), ends?.output ?? ('ignore' as const), 2]
  const stdio = lifeline === undefined ? wires : [...wires, lifeline]
  const account = role === undefined ? undefined : accountToBecome(role)
  const hasGroups = account !== undefined && account.groups.length > 0
  const program = hasGroups ? { file: process.argv[2] ?? '', args: ['--as', role as Role, file, ...args] } : { file, args }
  const who = account === undefined || hasGroups ? {} : { uid: account.uid, gid: account.gid }
  const child = startProgram({ ...program, env: byteEnvironment() }, { stdio, ...who })
  child.on('error', () => undefined) // said below; the event comes too late
  if (child.pid === undefined) throw new Trouble('4.3.0', `unable to run ${file}`)
}
