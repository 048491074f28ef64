/**
 * One connection on descriptors 0 and 1, described by the environment of tcpserver (spec §5.1, §10.1).
 *
 * Exit codes are qmail's: 0 behind QUIT, 1 after anything else. Nothing is written to descriptor 2, unless control/doorlog asks for it.
 */
import { Input, Output } from '@yabumi/descriptor'
import { enterHome } from '@yabumi/home'
import { overdueSeconds, smtpEnvelopeBytes } from '@yabumi/limits'
import { endsOf } from '@yabumi/received'
import { EnvelopeMemory } from './envelopememory.ts'
import { reply } from './replies.ts'
import { Session } from './session.ts'
import type { SessionLog } from './sessionlog.ts'
import { OwnAddressesUnknown, readSettings, type Settings } from './settings.ts'
import { UserQuestions } from './userquestions.ts'
import type { Client, Wire } from './wire.ts'

/** Serve the connection. Ends the process. */
export async function serveDescriptors(environment: ReadonlyMap<string, string>): Promise<void> {
  let settings: Settings
  try {
    enterHome()
    settings = readSettings(environment)
  } catch (error) {
    refuse(error instanceof OwnAddressesUnknown ? reply.ownAddresses : reply.controls)
    return
  }
  try {
    // late: who keeps no log does not pay for loading it
    const log = settings.logsDoor ? (await import('./sessionlog.ts')).logOfDescriptors(environment) : undefined
    converse(settings, endsOf(environment), log)
  } catch {
    process.exit(1) // a descriptor is closed: there is nobody to talk to
  }
}

function converse(settings: Settings, client: Client, log: SessionLog | undefined): void {
  const silence = setTimeout(() => {
    if (session.isOver) process.exit(1) // nor does it read what we said last
    session.silent()
  }, settings.silenceSeconds * 1000)
  const receiver = {
    receive(chunk: Buffer): void {
      silence.refresh()
      session.receive(chunk)
    },
    inputEnded: () => session.inputEnded(),
    lost() {
      session.lost()
      process.exit(1)
    },
  }
  const output = new Output(receiver)
  const input = new Input(receiver)
  const wire: Wire = {
    send(replies) {
      silence.refresh()
      return output.send(replies)
    },
    drained: () => output.drained(),
    pause: () => input.pause(),
    resume: () => input.resume(),
    close(exitCode) {
      silence.refresh()
      output.end(() => process.exit(exitCode))
    },
  }
  const shared = { memory: new EnvelopeMemory(smtpEnvelopeBytes, () => {}), users: new UserQuestions(() => {}) }
  const session = new Session(client, settings, wire, shared, log)
  setInterval(() => session.endIfOverdue(), 1000 * overdueSeconds)
  session.greet()
  input.resume()
}

function refuse(text: string): void {
  try {
    const output = new Output({ receive() {}, inputEnded() {}, lost: () => process.exit(1) })
    output.send(text)
    output.end(() => process.exit(1))
  } catch {
    process.exit(1)
  }
}
