/**
 * forward: send the message of a delivery on to other addresses. README.md is the manual page.
 *
 * In      descriptor 0: the message; NEWSENDER and DTLINE from local
 * Out     queue (package enqueue): the message, not a byte of it changed, behind DTLINE and, with --resent, Resent fields
 * Crash   queue sees an early end and keeps nothing that counts; local tries again
 */
import { writeSync } from 'node:fs'
import { byteArguments, byteEnvironment } from '@yabumi/commandline'
import { exitCode } from '@yabumi/trouble'
import { forward } from './forward.ts'
import { parseArguments } from './options.ts'

function say(text: string): void {
  writeSync(2, Buffer.from(`forward: ${text}\n`, 'latin1'))
}

async function main(): Promise<void> {
  try {
    const environment = byteEnvironment()
    say(`qp ${await forward(await parseArguments(byteArguments()), environment)}`)
  } catch (error) {
    say(`fatal: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = exitCode(error)
  }
}

void main()
