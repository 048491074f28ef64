/**
 * clean: remove the queue files that send has done with (spec §2.3). README.md is the manual page.
 *
 * In      descriptor 0: commands; descriptor 1: one byte for each, in order
 * Order   intd/N before mess/N or todo/N, so that every crash leaves a state of spec §1.3
 * Spares  what nobody needs any more is kept in spare/ instead, where there is such a directory: see spares.ts
 * Crash   a command without an answer is asked again, and what is gone already counts as removed
 */
import { lstatSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { nowSeconds } from '@yabumi/dates'
import { enterHome } from '@yabumi/home'
import { queuePath } from '@yabumi/queuedir'
import { errnoOf } from '@yabumi/trouble'
import { type Command, CommandReader } from './command.ts'
import { Spares } from './spares.ts'
import { sweepPid } from './sweep.ts'

const chunkBytes = 65_536
/** Commands between two sweeps of pid/. */
const sweepInterval = 31

type Answer = '+' | '!' | 'x'

function obey(command: Command, spares: Spares): Answer {
  if (command === 'nonsense') return 'x'
  const { verb, id } = command
  if (verb === 'spare') {
    if (!spares.wanted) return 'x' // as qmail's own would
    if (!removed(queuePath('intd', id)) || !(spares.keep('todo', id) || remove(queuePath('todo', id)))) return '!'
    if (!spares.keep('mess', id)) remove(queuePath('mess', id)) // what stays is removed after 36 hours
    return '+'
  }
  const done = removed(queuePath('intd', id)) && remove(queuePath(verb === 'todo' ? 'todo' : 'mess', id))
  return done ? '+' : '!'
}

/** For what is mostly gone already: an exception takes longer than all else that clean does for a message. */
function removed(path: string): boolean {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return true
  } catch {
    // unlink says what it is
  }
  return remove(path)
}

function remove(path: string): boolean {
  try {
    unlinkSync(path)
    return true
  } catch (error) {
    return errnoOf(error) === 'ENOENT'
  }
}

/** @returns the exit code */
function clean(): 0 | 100 {
  const chunk = Buffer.allocUnsafe(chunkBytes)
  const reader = new CommandReader()
  const spares = new Spares()
  let untilSweep = sweepInterval
  sweepPid(nowSeconds())
  for (;;) {
    const length = read(chunk)
    if (length === 0) return 0
    let answers = ''
    for (const command of reader.read(chunk.subarray(0, length))) {
      answers += obey(command, spares)
      untilSweep -= 1
      if (untilSweep === 0) {
        sweepPid(nowSeconds())
        untilSweep = sweepInterval
      }
    }
    if (!answer(answers)) return 100
  }
}

/** @returns 0 at the end of the commands, which an error is too */
function read(chunk: Buffer): number {
  try {
    return readSync(0, chunk)
  } catch {
    return 0
  }
}

function answer(answers: string): boolean {
  try {
    for (let at = 0; at < answers.length; ) at += writeSync(1, answers.slice(at))
    return true
  } catch {
    return false
  }
}

function main(): number {
  try {
    enterHome()
    process.chdir('queue')
  } catch {
    return 111
  }
  return clean()
}

process.exitCode = main()
