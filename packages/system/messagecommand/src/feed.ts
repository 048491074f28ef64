/** Feed a command some lines and then the message on descriptor 0 (spec §8.3, §8.4: preline, predate, mailsubj). */
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { messagePieces } from '@yabumi/files'
import { makePipe } from '@yabumi/posix'
import { errorText, Trouble } from '@yabumi/trouble'
import { CannotRun, type Command, type Environment, runCommand } from './command.ts'

/**
 * Run a command of a delivery with a pipe to read. It may leave unread what fits into the pipe, and must read the rest.
 *
 * @param head - what goes in front of the message, as a byte string
 * @returns the exit code of the command
 * @throws CannotRun; Trouble 4.3.0 if the command crashes, or will not take its input
 */
export function feedCommand(head: string, command: Command, environment: Environment): Promise<number> {
  return run(head, command, environment, true)
}

/**
 * The same where it is a person who waits for the exit code: the command may stop reading whenever it likes, and nothing
 * that goes wrong is for ever.
 *
 * @throws Trouble 4.3.0
 */
export async function pipeThrough(head: string, command: Command, environment: Environment): Promise<number> {
  try {
    return await run(head, command, environment, false)
  } catch (cause) {
    throw cause instanceof CannotRun ? new Trouble('4.3.0', cause.message, { cause }) : cause
  }
}

async function run(head: string, command: Command, environment: Environment, mustRead: boolean): Promise<number> {
  const pipe = inputPipe()
  const stop = new AbortController()
  const end = runCommand(command, environment, pipe.read, stop.signal)
  end.catch(() => undefined) // looked at below, after the input
  closeSync(pipe.read)
  const input = new Socket({ fd: pipe.write, readable: false, writable: true })
  const { unread, unfed } = await feed(input, head).then(
    (trouble) => ({ unread: trouble, unfed: undefined }),
    (error: unknown) => ({ unread: undefined, unfed: error }),
  )
  if (unfed !== undefined)
    stop.abort() // before there is an end: it would take the beginning of the message for all of it
  else input.end()
  const code = await end.catch((error: unknown) => {
    throw unfed === undefined || error instanceof CannotRun ? error : unfed // that it could not be run is the reason for whatever else went wrong
  })
  input.destroy()
  if (unfed !== undefined) throw unfed
  if (mustRead && unread !== undefined) throw unread
  return code
}

/** A real pipe: what Node would make is a socket, which a command cannot open as /dev/stdin. */
function inputPipe(): ReturnType<typeof makePipe> {
  try {
    return makePipe(true)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to create pipe: ${errorText(cause)}`, { cause })
  }
}

/** What a pipe holds. */
const burstBytes = 65_536

/**
 * Write the lines and the message. A command may end before it has read all of a short message: that the last burst
 * found nobody is no trouble, that an earlier one did may be.
 *
 * @returns trouble if the command stopped reading long before the end
 * @throws Trouble 4.3.0 if the message cannot be read
 */
async function feed(input: Socket, head: string): Promise<Trouble | undefined> {
  input.on('error', () => undefined) // each write tells
  let burst: Buffer[] = [Buffer.from(head, 'latin1')]
  for await (const piece of inputPieces()) {
    if (lengthOf(burst) + piece.length > burstBytes) {
      const error = await write(input, Buffer.concat(burst))
      if (error) return copyTrouble(error)
      burst = []
    }
    burst.push(piece)
  }
  await write(input, Buffer.concat(burst))
  return undefined
}

function lengthOf(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0)
}

async function* inputPieces(): AsyncGenerator<Buffer, void> {
  try {
    yield* messagePieces(0)
  } catch (cause) {
    throw copyTrouble(cause)
  }
}

function copyTrouble(cause: unknown): Trouble {
  return new Trouble('4.3.0', `unable to copy input: ${errorText(cause)}`, { cause })
}

/** Resolves when the bytes are gone, or with the reason why they cannot go. */
function write(input: Socket, bytes: Buffer): Promise<Error | null | undefined> {
  return new Promise((resolve) => {
    input.write(bytes, resolve)
  })
}
