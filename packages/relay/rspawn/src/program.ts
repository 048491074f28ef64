/** Deliver by a program of the operator's, QMAILREMOTE, one process a delivery, as qmail-rspawn does (spec §2.4.5). */
import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { startProgram } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import { factsText, factsVariable } from '@yabumi/facts'
import { remoteOutputBytes } from '@yabumi/limits'
import { makePipe } from '@yabumi/posix'
import type { Delivery } from '@yabumi/spawnprotocol'
import { type Composed, composeReport } from './compose.ts'

const crashed: Composed = { status: 'Z', text: 'qmail-remote crashed.\n' }
/** What cannot be run, or fails in a way of its own, is no fault of the mail. */
const notRun: Composed = { status: 'Z', text: 'Unable to run qmail-remote.\n' }
const gaveUp: Composed = { status: 'D', text: 'Unable to run qmail-remote.\n' }
const silent: Composed = { status: 'Z', text: 'qmail-remote produced no output.\n' }
const noPipe: Composed = { status: 'Z', text: 'qmail-spawn unable to create pipe. (#4.3.0)\n' }

/** Run the program `file` for a delivery: arguments host, sender, recipient; facts in a variable; message on 0, reports from 1 and 2. */
export async function runProgram(file: string, delivery: Delivery): Promise<void> {
  const { status, text } = await outcomeOf(file, delivery)
  delivery.report(status, text)
}

async function outcomeOf(file: string, delivery: Delivery): Promise<Composed> {
  let pipe: { read: number; write: number }
  try {
    pipe = makePipe(true) // another delivery's program may outlive this one, and must not hold its output open
  } catch {
    return noPipe
  }
  const output = readAll(pipe.read)
  let end: Promise<Composed | undefined>
  try {
    end = ended(start(file, delivery, pipe.write))
  } catch {
    end = Promise.resolve(notRun)
  }
  closeSync(pipe.write)
  const outcome = await end
  const reports = await output // also what the program's own children write after its end
  if (outcome !== undefined) return outcome
  return reports === '' ? silent : composeReport(reports)
}

function start(file: string, { sender, local, domain, content, facts }: Delivery, output: number): ChildProcess {
  const text = factsText(facts)
  const env = text === '' ? byteEnvironment() : new Map([...byteEnvironment(), [factsVariable, text]])
  const program = { file, args: [domain, sender, `${local}@${domain}`], env }
  return startProgram(program, { stdio: [content, output, output], argv0: 'qmail-remote' })
}

/** What the end of the process means by itself; undefined if its output is to be believed. */
function ended(child: ChildProcess): Promise<Composed | undefined> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(notRun))
    child.once('exit', (code, signal) => {
      if (signal !== null) resolve(crashed)
      else resolve(code === 0 ? undefined : code === 100 ? gaveUp : notRun)
    })
  })
}

/** Everything until the end; what is above the limit is read and thrown away, so that the program can finish. */
function readAll(fd: number): Promise<string> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = []
    let length = 0
    const pipe = new Socket({ fd, readable: true, writable: false })
    pipe.on('data', (piece) => {
      if (length < remoteOutputBytes) pieces.push(piece)
      length += piece.length
    })
    pipe.on('error', () => pipe.destroy())
    pipe.on('close', () => resolve(Buffer.concat(pieces).toString('latin1')))
  })
}
