/**
 * A shell that outlives this process by a moment: if that is killed, it kills the programs that it was told of. A program with a time limit leads a
 * process group of its own, which nobody else would end. It is there only while such programs run.
 */
import { type ChildProcess, spawn } from 'node:child_process'

const script = 'groups=; while read -r line; do groups=$line; done; [ -z "$groups" ] || kill -s KILL -- $groups'

let shell: ChildProcess | undefined
const groups = new Set<number>()

/** @param group - the process number of its leader */
export function watchGroup(group: number): void {
  groups.add(group)
  shell ??= start()
  tell(shell)
}

export function unwatchGroup(group: number): void {
  groups.delete(group)
  if (shell === undefined) return
  tell(shell)
  if (groups.size > 0) return
  shell.stdin?.end()
  shell = undefined
}

function tell({ stdin }: ChildProcess): void {
  stdin?.write(`${[...groups].map((group) => -group).join(' ')}\n`)
}

function start(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], env: {}, cwd: '/', detached: true })
  child.on('error', () => undefined) // then nothing watches, and the time limit holds all the same
  child.stdin?.on('error', () => undefined)
  child.unref()
  return child
}
