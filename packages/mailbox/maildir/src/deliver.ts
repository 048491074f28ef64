/**
 * Deliver one message into a Maildir, whole or not at all (spec §2.7.5).
 *
 * Out      tmp/NAME, written and synced, then renamed to new/NAME, then new/ synced: only then is it delivered
 * Crash    leaves at most a file in tmp/, which mail readers remove after 36 hours, hence our own limit of 24 hours
 * Renamed  where qmail links and unlinks: no name is used twice, so nothing can be overwritten
 * Refused  what neither this account nor root owns, tmp/ and new/ included, or another account's link leads to
 *          (place.ts)
 */
import { closeSync, constants, openSync, renameSync, write } from 'node:fs'
import { promisify } from 'node:util'
import { removeQuietly, writeAll } from '@yabumi/files'
import { deathSeconds } from '@yabumi/limits'
import { Descent, type Manner } from '@yabumi/ownpath'
import { errnoOf, Trouble } from '@yabumi/trouble'
import { syncTogether } from './directory.ts'
import { flush } from './flush.ts'
import { sizedName, uniqueName } from './name.ts'
import { failed, type Place, placeOf } from './place.ts'
import { Sizes } from './sizes.ts'

/** A message's bytes: all of them, or, where they are many, piece by piece. */
export type MessageBytes = Buffer | AsyncIterable<Buffer>

/**
 * Deliver into a Maildir.
 *
 * @param maildir - its path as a byte string; relative ones are relative to the working directory
 * @param head - what goes in front of the message (Return-Path, Delivered-To)
 * @param alone - whether this process has nothing else to do meanwhile; see flush()
 * @param manner - how its path is gone (package ownpath)
 * @param tellsSizes - whether the name tells the sizes: `,S=BYTES,W=BYTES`
 * @returns the name of the file in new/
 * @throws Trouble 4.2.1 or 4.3.0 with the texts of spec §2.7.5; then nothing of the message is left
 */
export async function deliverToMaildir(
  maildir: string,
  head: Buffer,
  message: MessageBytes,
  alone = false,
  manner: Manner = 'descriptors',
  tellsSizes = false,
): Promise<string> {
  const descent = new Descent(manner)
  try {
    return await deliverTo(placeOf(maildir, descent), head, message, alone, tellsSizes ? new Sizes() : undefined)
  } finally {
    descent.close()
  }
}

async function deliverTo(place: Place, head: Buffer, message: MessageBytes, alone: boolean, sizes: Sizes | undefined): Promise<string> {
  const deadline = performance.now() + deathSeconds * 1000
  const { fd, name: unsized } = create(place)
  const temporary = bytes(`${place.tmp}/${unsized}`)
  let name = unsized
  try {
    await fill(fd, head, message, deadline, alone, sizes)
    if (performance.now() > deadline) throw tooLate()
    if (sizes !== undefined) name = sizedName(unsized, sizes.suffix)
    renameSync(temporary, bytes(`${place.new}/${name}`))
  } catch (cause) {
    removeQuietly(temporary)
    throw cause instanceof Trouble ? cause : failed(cause)
  }
  try {
    await syncTogether(place.new, alone, place.newKey)
  } catch (cause) {
    removeQuietly(bytes(`${place.new}/${name}`)) // it will be tried again: better gone than there twice
    throw failed(cause)
  }
  return name
}

function bytes(path: string): Buffer {
  return Buffer.from(path, 'latin1')
}

const attempts = 5 // a name that is taken means that somebody guessed it; the next one differs

function create(place: Place): { fd: number; name: string } {
  for (let attempt = 1; ; attempt += 1) {
    const name = uniqueName()
    try {
      return { name, fd: openSync(bytes(`${place.tmp}/${name}`), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600) }
    } catch (cause) {
      if (errnoOf(cause) !== 'EEXIST' || attempt === attempts) throw failed(cause)
    }
  }
}

/** Write and sync everything, and close. */
async function fill(
  fd: number,
  head: Buffer,
  message: MessageBytes,
  deadline: number,
  alone: boolean,
  sizes: Sizes | undefined,
): Promise<void> {
  try {
    sizes?.add(head)
    if (Buffer.isBuffer(message)) {
      sizes?.add(message)
      writeAll(fd, Buffer.concat([head, message]))
    } else await writePieces(fd, head, message, deadline, sizes)
    await flush(fd, alone)
  } finally {
    closeSync(fd)
  }
}

const writePiece = promisify(write)

/** A long message must not hold up the other deliveries of this process: its writes are asynchronous. */
async function writePieces(
  fd: number,
  head: Buffer,
  pieces: AsyncIterable<Buffer>,
  deadline: number,
  sizes: Sizes | undefined,
): Promise<void> {
  writeAll(fd, head)
  try {
    for await (const piece of pieces) {
      if (performance.now() > deadline) throw tooLate()
      sizes?.add(piece)
      try {
        for (let done = 0; done < piece.length; ) done += (await writePiece(fd, piece, done)).bytesWritten
      } catch (cause) {
        throw failed(cause)
      }
    }
  } catch (cause) {
    throw cause instanceof Trouble ? cause : new Trouble('4.3.0', 'Unable to read message.', { cause })
  }
}

function tooLate(): Trouble {
  return new Trouble('4.3.0', 'Timeout on maildir delivery.')
}
