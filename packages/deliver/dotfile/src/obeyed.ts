/**
 * What a delivery obeys (spec §2.7.3): the .qmail file of its address, else the user's .forward, else the default
 * delivery.
 */
import { confine, isConfined } from './confined.ts'
import { noMailbox } from './failure.ts'
import { forwardInstructions } from './forwardinstructions.ts'
import { defaultInstructions, type Instruction, isOneInHome, parseDotQmail, upToNul } from './instruction.ts'
import type { Request } from './request.ts'
import { type FoundDotfile, findDotfile, isPlain } from './search.ts'
import type { UserHome } from './userhome.ts'

export interface Obeyed {
  /** The .qmail file that governs the address; an empty one means the default delivery. */
  readonly file: FoundDotfile | undefined
  /** The file's name, `.forward` or `default delivery`. */
  readonly name: string
  readonly instructions: Iterable<Instruction>
}

/**
 * Find it. The user's home is the working directory.
 *
 * @throws Failure if nobody gets mail for the extension, or a file is there and must not be used
 */
export function obeyed(request: Request): Obeyed {
  const found = findObeyed(request)
  return isConfined() ? { ...found, instructions: confine(found.name, found.instructions) } : found
}

function findObeyed(request: Request): Obeyed {
  const file = findDotfile(request)
  if (file === undefined && request.dash !== '') throw noMailbox()
  if (file !== undefined) {
    const { text, forwardOnly, name } = file
    return { file, name, instructions: text === '' ? defaultInstructions(request) : parseDotQmail(text, forwardOnly) }
  }
  const forward = isPlain(request) ? forwardInstructions(request) : undefined
  if (forward !== undefined) return { file, name: '.forward', instructions: forward }
  return { file, name: 'default delivery', instructions: defaultInstructions(request) }
}

/** Whether a delivery makes the Maildir of an instruction where there is none: that of the default delivery, in a home of the user's own. */
export function mayMake({ kind, text, isDefault }: Instruction, { isOwn, manner }: UserHome): boolean {
  return kind === 'maildir' && isDefault === true && isOwn && manner !== 'descriptors' && isOneInHome(upToNul(text))
}
