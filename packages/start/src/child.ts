/** A program that start leaves running. */
import { startProgram } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import type { Account } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import type { Ends } from './wiring.ts'

export interface Child {
  readonly file: string
  readonly args: readonly string[]
  /** Its descriptors 0 and 1; without them it gets neither input nor output. */
  readonly ends?: Ends | undefined
  /** Its descriptor 3. */
  readonly lifeline?: number
  /** As whom it runs; without it as we do. */
  readonly account?: Account | undefined
}

/** Start it; descriptor 2 is our own, for what only a person can repair. @throws Trouble 4.3.0 if it cannot be run */
export function startChild({ file, args, ends, lifeline, account }: Child): void {
  const wires = [ends?.input ?? ('ignore' as const), ends?.output ?? ('ignore' as const), 2]
  const stdio = lifeline === undefined ? wires : [...wires, lifeline]
  const program = { file, args, env: byteEnvironment() }
  const child = startProgram(program, account === undefined ? { stdio } : { stdio, uid: account.uid, gid: account.gid })
  child.on('error', () => undefined) // said below; the event comes too late
  if (child.pid === undefined) throw new Trouble('4.3.0', `unable to run ${file}`)
}
