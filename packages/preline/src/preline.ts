/** Run the command and feed it (spec §8.4, §8.6). */
import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { startProgram } from '@yabumi/child'
import { messagePieces } from '@yabumi/header'
import { makePipe } from '@yabumi/posix'
import { errorText, isTemporary, Trouble } from '@yabumi/trouble'
import type { Request } from './options.ts'

/**
 * @returns the exit code of the command
 * @throws Trouble if the command cannot be run, crashes, or will not take its input
 */
export async function preline(request: Request, environment: ReadonlyMap<string, string>): Promise<number> {
  const pipe = inputPipe()
  const child = start(request.command, environment, pipe.read)
  const input = new Socket({ fd: pipe.write, readable: false, writable: true })
  const end = endOf(child, request.command[0])
  end.catch(() => undefined) // looked at below, after the input
  const trouble = await feed(input, request.lines).then(
    () => undefined,
    (error: unknown) => error,
  )
  const code = await end // a command that could not be run is the reason for whatever else went wrong
  if (trouble !== undefined) throw trouble
  if (code === null) throw new Trouble('4.3.0', 'child crashed')
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

/** Node tells some failures of an exec by an exception, others by an event. */
function start([file, ...args]: Request['command'], env: ReadonlyMap<string, string>, stdin: number): ChildProcess {
  try {
    return startProgram({ file, args, env }, { stdio: [stdin, 'inherit', 'inherit'] })
  } catch (cause) {
    throw runTrouble(file, cause)
  } finally {
    closeSync(stdin)
  }
}

function endOf(child: ChildProcess, file: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => resolve(code))
    child.once('error', (cause) => reject(runTrouble(file, cause)))
  })
}

function runTrouble(file: string, cause: unknown): Trouble {
  return new Trouble(isTemporary(cause) ? '4.3.0' : '5.3.0', `unable to run ${file}: ${errorText(cause)}`, { cause })
}

/** What a pipe holds. */
const burstBytes = 65_536

/**
 * Write the lines and the message. A command may end before it has read all of a short message: that the last burst
 * found nobody is no trouble, that an earlier one did is.
 */
async function feed(input: Socket, lines: string): Promise<void> {
  input.on('error', () => undefined) // each write tells
  try {
    let burst: Buffer[] = [Buffer.from(lines, 'latin1')]
    for await (const piece of inputPieces()) {
      if (lengthOf(burst) + piece.length > burstBytes) {
        const error = await write(input, Buffer.concat(burst))
        if (error) throw copyTrouble(error)
        burst = []
      }
      burst.push(piece)
    }
    await write(input, Buffer.concat(burst))
  } finally {
    input.end()
  }
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
