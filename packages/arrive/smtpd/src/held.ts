/** Where smtpd holds messages. */
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { HeldMessage } from '@yabumi/heldmessage'

const stateDirectory = 'state/smtp'

export function newHeld(): HeldMessage {
  try {
    mkdirSync(stateDirectory, { recursive: true, mode: 0o700 })
  } catch {} // then the file is elsewhere
  return new HeldMessage([stateDirectory, tmpdir()])
}
