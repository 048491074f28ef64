/**
 * One delivery: as the user's dotfile says, in the user's home (spec §2.7.2).
 *
 * Instructions are obeyed one after the other; the first that fails ends the delivery, and what it would have forwarded
 * is not forwarded. What earlier instructions did stays done, so a later attempt does it again.
 */
import { nowSeconds } from '@yabumi/dates'
import {
  enterUserHome,
  Failure,
  governs,
  homeIsSticky,
  type Instruction,
  mayMake,
  newSender,
  obeyed,
  type Request,
  upToNul,
} from '@yabumi/dotfile'
import { deliverToMaildir, makeMaildir } from '@yabumi/maildir'
import { appendToMbox } from '@yabumi/mbox'
import { errnoOf, Trouble } from '@yabumi/trouble'
import { environmentFor } from './environment.ts'
import { cannotCopy, cannotRead, cannotRewind, failureOf, loopingFile, ProgramFailure } from './failure.ts'
import { forward } from './forward.ts'
import { earlierDeliveries } from './loop.ts'
import { namesTellSizes } from './maildirsizes.ts'
import { Message } from './message.ts'
import { type ProgramInput, runProgram } from './program.ts'
import { forwardingSender } from './srs.ts'
import { deliveredTo, mboxSeparator, returnPath } from './trace.ts'

/** Where what a delivery says goes, and what its programs say. */
export interface Output {
  /** What is said on success. Byte string. */
  say(text: string): void
  /** What is said of trouble. Byte string. */
  complain(text: string): void
  /** The descriptors for a program's output. */
  forPrograms(): readonly [stdout: number, stderr: number]
}

/** What is needed besides the request. */
export interface DeliveryOptions {
  /** Only say what would be done (option -n). */
  readonly dryRun: boolean
  /** Whether this process has no other delivery to make meanwhile. */
  readonly alone: boolean
  /** The environment that programs get, without what this delivery adds. */
  readonly environment: ReadonlyMap<string, string>
  readonly output: Output
}

/**
 * Deliver a message, or say what would be done with it.
 *
 * @param content - the message; a descriptor stays open
 * @returns the exit code: 0, 100 or 111. Never rejects.
 */
export async function deliver(request: Request, content: Buffer | number, options: DeliveryOptions): Promise<0 | 100 | 111> {
  const { output } = options
  const message = new Message(content)
  try {
    await obey(request, message, options)
    return 0
  } catch (error) {
    const failure = failureOf(error)
    if (!(failure instanceof ProgramFailure)) output.complain(`${failure.message}\n`)
    return failure.exit
  } finally {
    message.close()
  }
}

async function obey(request: Request, message: Message, { dryRun, alone, environment: base, output }: DeliveryOptions): Promise<void> {
  const home = enterUserHome(request)
  if (home.isSticky && !dryRun) throw homeIsSticky()
  if (home.isSticky) output.complain('Warning: home directory is sticky.\n')
  const earlier = dryRun ? [] : await deliveriesBefore(request, message)
  const { file, instructions } = obeyed(request)
  const owner = newSender(request)
  const seconds = nowSeconds()
  const counts = { file: 0, forward: 0, program: 0 }
  const recipients: string[] = []
  let sender = ''
  let environment: ReadonlyMap<string, string> | undefined

  /** What programs and queue are told. */
  function prepare(): ReadonlyMap<string, string> {
    sender = forwardingSender(owner, request)
    return environmentFor(base, request, sender, file?.matched, seconds)
  }

  async function execute(instruction: Instruction): Promise<boolean> {
    const { kind, text, headed } = instruction
    switch (kind) {
      case 'discard':
        break
      case 'mbox':
        await appendToMbox(upToNul(text), mboxHead(request, seconds), message.bytes(), home.manner)
        break
      case 'maildir':
        await intoMaildir(upToNul(text), mayMake(instruction, home))
        break
      case 'forward':
        recipients.push(upToNul(text))
        break
      case 'program':
        environment ??= prepare()
        return await runProgram(upToNul(text), environment, headed ? headedInput() : descriptorOf(message), output.forPrograms())
    }
    return true
  }

  /** @param isMade - whether it is made if it is not there yet */
  async function intoMaildir(path: string, isMade: boolean): Promise<void> {
    const into = () => deliverToMaildir(path, traceHead(request), message.bytes(), alone, home.manner, namesTellSizes())
    try {
      await into()
    } catch (error) {
      if (!isMade || !(error instanceof Trouble) || errnoOf(error.cause) !== 'ENOENT') throw error
      makeMaildir(path)
      await into()
    }
  }

  function headedInput(): ProgramInput {
    return { head: mboxHead(request, seconds), message: message.bytes() }
  }

  for (const instruction of instructions) {
    counts[instruction.kind === 'forward' || instruction.kind === 'program' ? instruction.kind : 'file'] += 1
    if (dryRun) output.say(`${instruction.kind} ${instruction.text}\n`)
    else if (!(await execute(instruction))) break
  }
  let qp: string | undefined
  if (recipients.length > 0) {
    // every address that one `default` file governs would be forwarded to the same ones, each time once more
    if (file?.matched !== undefined && earlier.some((name) => governs(file.name, { ...request, ...name }))) throw loopingFile(file.name)
    environment ??= prepare()
    const head = Buffer.from(deliveredTo(request), 'latin1')
    qp = await forward({ sender, recipients, head, message: message.bytes(), environment })
  }
  output.say(`did ${counts.file}+${counts.forward}+${counts.program}\n${qp === undefined ? '' : `qp ${qp}\n`}`)
}

function descriptorOf(message: Message): number {
  try {
    return message.descriptor()
  } catch (cause) {
    throw cannotCopy(cause)
  }
}

async function deliveriesBefore(request: Request, message: Message): ReturnType<typeof earlierDeliveries> {
  try {
    return await earlierDeliveries(request, message.bytes())
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    throw errnoOf(cause) === 'ESPIPE' ? cannotRewind(cause) : cannotRead(cause)
  }
}

function traceHead(request: Request): Buffer {
  return Buffer.from(returnPath(request.sender) + deliveredTo(request), 'latin1')
}

function mboxHead(request: Request, seconds: number): Buffer {
  return Buffer.concat([Buffer.from(mboxSeparator(request.sender, seconds), 'latin1'), traceHead(request)])
}
