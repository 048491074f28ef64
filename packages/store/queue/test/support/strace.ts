/** What a program asked the kernel for, from strace -f -y -o FILE. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A reason to skip, loudly, where strace is not installed or may not trace. */
export const noStrace: string | false =
  spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0 ? false : 'strace is not installed or may not trace'

/** One finished system call, in the order of its end: `fsync`, `9</home/queue/todo>`, `0`. */
export interface Call {
  readonly name: string
  readonly arguments: string
  readonly result: string
}

/** Calls of all threads; one that was interrupted by another thread's line is put together again. */
export function callsIn(file: string): Call[] {
  const begun = new Map<string, string>()
  const calls: Call[] = []
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    const [, thread, text] = /^(\d+) +(.*)$/.exec(line) ?? []
    if (thread === undefined || text === undefined) continue
    if (text.endsWith('<unfinished ...>')) {
      begun.set(thread, text.slice(0, -'<unfinished ...>'.length))
      continue
    }
    const whole = text.replace(/^<\.\.\. \w+ resumed>/, () => begun.get(thread) ?? '')
    const [, name, args, result] = /^(\w+)\((.*)\) += (-?\w+|\?)/.exec(whole) ?? []
    if (name !== undefined && args !== undefined && result !== undefined) calls.push({ name, arguments: args, result })
  }
  return calls
}

/**
 * Options to trace a program that stays: strace is the child then (-D), so that signals reach the program.
 *
 * @param file - what callsIn reads, once traceEnded says so
 */
export function traceBeside(file: string, more: readonly string[]): string[] {
  return ['strace', '-D', '-f', '-y', '-o', file, ...more]
}

/** Whether the tracer has written everything about a program that has ended. */
export function traceEnded(file: string, pid: number | undefined): boolean {
  return new RegExp(`^${pid} +\\+\\+\\+ (exited|killed)`, 'm').test(readFileSync(file, 'latin1'))
}
