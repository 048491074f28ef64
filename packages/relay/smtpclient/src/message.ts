/** The message itself, from an open descriptor to the wire, whatever its size. */
import { readSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { Downgrade, type Plan } from '@yabumi/mime'
import { DataEncoder } from '@yabumi/smtp'
import type { Connection } from './connection.ts'

/** The message cannot be read. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/** Shared by all deliveries: what is read into it is encoded into a new buffer before anybody else reads. */
const piece = Buffer.allocUnsafe(32_768)

/**
 * Send everything from the descriptor's position to its end, and the final dot.
 *
 * The last piece and the dot are one write, so an ordinary message is one write in all, and nothing of a small message
 * that cannot be sent. Between pieces the host is listened to: one that speaks before the end has a refusal to give.
 *
 * @param form - what goes in front of it, in the form of the wire, no line of which begins with a dot; and how to send it without bytes above 127
 * @param beforeEnd - called before the dot is written: from then on the host may have the message
 * @returns whole; partial if the last line is: then there was no dot, and the connection is of no more use; interrupted by the host, likewise
 * @throws ConnectionDied, Unreadable
 */
export async function sendMessage(
  connection: Connection,
  fd: number,
  { top, plan }: { readonly top: Buffer; readonly plan: Plan | undefined },
  beforeEnd: () => void,
): Promise<'whole' | 'partial' | 'interrupted'> {
  const encoder = new DataEncoder()
  let held: Buffer | undefined
  for (const bytes of pieces(fd, plan)) {
    const wire = encoder.encode(bytes)
    if (held !== undefined) {
      if (!(await connection.write(held))) return 'interrupted'
      await setImmediate()
    }
    held = held === undefined && top.length > 0 ? Buffer.concat([top, wire]) : wire
  }
  const end = encoder.end()
  if (end === undefined) return 'partial'
  if (!connection.silent) return 'interrupted'
  beforeEnd()
  return (await connection.write(held === undefined ? end : Buffer.concat([held, end]))) ? 'whole' : 'interrupted'
}

/** The message as it is to be sent, in pieces that are good until the next one. */
function* pieces(fd: number, plan: Plan | undefined): Generator<Buffer, void> {
  const downgrade = plan && new Downgrade(plan)
  for (let length = read(fd); length > 0; length = read(fd)) {
    const bytes = piece.subarray(0, length)
    yield downgrade === undefined ? bytes : downgrade.push(bytes)
  }
  if (downgrade !== undefined) yield downgrade.finish()
}

function read(fd: number): number {
  try {
    return readSync(fd, piece)
  } catch (cause) {
    throw new Unreadable('cannot read the message', { cause })
  }
}
