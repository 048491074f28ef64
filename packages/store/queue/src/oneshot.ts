/**
 * Queue one message from descriptor 0 with the envelope from descriptor 1, or leave nothing that counts (spec §1.4,
 * §2.1).
 *
 * In      descriptor 0: the message, to its end; only then descriptor 1: the envelope
 * Out     mess/S/number, then intd/number, then a second link to it, todo/number: the moment of acceptance
 * Synced  mess and intd before the link; todo/ after it; success comes last
 * Crash   leaves at most files in pid/, mess/ and intd/, which send and clean remove after 36 hours
 */
import { fsyncSync, linkSync } from 'node:fs'
import { EnvelopeScanner } from '@yabumi/envelope'
import { syncDirectory } from '@yabumi/files'
import { pullTrigger } from '@yabumi/queuedir'
import { errnoOf } from '@yabumi/trouble'
import { readDescriptor } from './descriptor.ts'
import { Draft } from './draft.ts'
import { codeOf, exitCode, QueueTrouble, step } from './exitcode.ts'
import { type Roles, receivedLine, rolesOf, speakerOf, submitter } from './received.ts'
import { Taps } from './taps.ts'
import { believed, topRecords } from './toprecords.ts'

/**
 * Queue the message. The working directory is queue/ of the home.
 *
 * @param uid - who submits it
 * @param facts - what they say besides the envelope, as text
 * @throws QueueTrouble with the exit code
 */
export async function queueOneShot(uid: number, facts: string): Promise<void> {
  const draft = new Draft()
  try {
    const roles = rolesOf('..')
    await writeMessage(draft, uid, roles)
    await writeEnvelope(draft, topRecords(uid, process.pid, believed(facts, speakerOf(uid, roles))))
    step(exitCode.todo, () => linkSync(draft.intdPath, draft.todoPath))
  } catch (error) {
    draft.discard()
    throw error
  }
  draft.close()
  step(exitCode.writeError, () => syncDirectory('todo')) // queued whatever this says; but without it nobody may say so
  pullTrigger()
}

async function writeMessage(draft: Draft, uid: number, roles: Roles): Promise<void> {
  const top = receivedLine(String(process.pid), submitter(uid, roles))
  draft.writeMess(Buffer.from(top, 'latin1'))
  for await (const bytes of readDescriptor(0)) draft.writeMess(bytes)
  step(exitCode.writeError, () => fsyncSync(draft.mess))
}

async function writeEnvelope(draft: Draft, top: string): Promise<void> {
  draft.createIntd()
  draft.writeIntd(Buffer.from(top, 'latin1'))
  const taps = new Taps(() => undefined).watch() // descriptor 2 is the caller's
  await copyEnvelope((bytes) => {
    taps?.see(bytes)
    draft.writeIntd(bytes)
  })
  if (taps !== undefined) draft.writeIntd(taps.records())
  step(exitCode.writeError, () => fsyncSync(draft.intd))
}

/** Read descriptor 1 up to the NUL that completes the envelope; hand on the records before it. */
export async function copyEnvelope(take: (records: Buffer) => Promise<void> | void): Promise<void> {
  const scanner = new EnvelopeScanner()
  for await (const bytes of readDescriptor(1)) {
    const result = scanner.scan(bytes)
    if (result === 'long') throw new QueueTrouble(exitCode.addressTooLong)
    if (result === 'format') throw new QueueTrouble(exitCode.format)
    await take(bytes.subarray(0, scanner.recordBytes))
    if (result === 'complete') return
  }
  throw new QueueTrouble(exitCode.readError)
}

/** Whether this is an account that the queue directory is closed to: the first thing that every message needs was refused. */
export function mayNotWrite(error: unknown): boolean {
  const first = codeOf(error) === exitCode.queue || codeOf(error) === exitCode.pid
  return first && error instanceof Error && errnoOf(error.cause) === 'EACCES'
}
