/**
 * inject: read a message from a person, find its envelope in its header, and queue it. README.md is the manual page.
 *
 * In      descriptor 0: the message, header and body
 * Out     queue (package enqueue): the message and its envelope; with -n descriptor 1: the message
 * Memory  the header, up to a limit; of the body no more than a piece
 * Crash   queue sees an early end and keeps nothing that counts
 */
import { writeSync } from 'node:fs'
import { byteArguments, byteEnvironment, calledName } from '@yabumi/commandline'
import { exitCode } from '@yabumi/trouble'
import { inject } from './inject.ts'
import { UsageTrouble } from './options.ts'
import { UnparsableLine } from './unparsable.ts'

function report(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error)
  const prefix = error instanceof UsageTrouble ? '' : `${calledName('inject', 'qmail-inject')}: fatal: `
  const end = error instanceof UnparsableLine ? '' : '\n' // the line has its own
  writeSync(2, Buffer.from(`${prefix}${text}${end}`, 'latin1'))
  process.exitCode = exitCode(error)
}

function done(): void {
  process.exitCode = 0
}

process.exitCode = 111 // until it is known: to end because nothing is left to wait for is no success
void inject(byteArguments(), byteEnvironment()).then(done, report)
