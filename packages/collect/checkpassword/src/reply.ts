/**
 * Descriptor 4, on which Dovecot hears from the program that checkpassword becomes (its own extension of the
 * interface).
 */
import { closeSync, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { copyDescriptor, duplicate } from '@yabumi/posix'

const reply = 4
const descriptors = '/proc/self/fd'

/** Keep it open in the program, if the caller gave it: Node marks what it finds open at its start to be closed on exec. */
export function keepReply(): void {
  const pipe = pipeAt(reply)
  if (pipe === undefined) return
  // Node has both ends of its own pipes; the caller may have left more descriptors of the same end
  const isOwn = readdirSync(descriptors).some((fd) => pipeAt(fd) === pipe && modeOf(fd) !== modeOf(reply))
  if (isOwn) return
  const copy = copyDescriptor(reply)
  duplicate(copy, reply)
  closeSync(copy)
}

/** Which pipe or socket a descriptor is; undefined if it is neither, or not open. */
function pipeAt(fd: number | string): string | undefined {
  try {
    const target = readlinkSync(`${descriptors}/${fd}`)
    return /^(pipe|socket):/.test(target) ? target : undefined
  } catch {
    return undefined
  }
}

/** Whether a descriptor can be read, written or both, as bits. */
function modeOf(fd: number | string): number {
  return lstatSync(`${descriptors}/${fd}`).mode
}
