/**
 * A shell that outlives this process by a moment: if that is killed, it kills the programs that it was told of. A
 * program leads a process group of its own, which nobody else would end. The shell comes with the first program and
 * stays: another program then costs no more than a line.
 *
 * Crash   a program that the shell was not told of has not begun: until then it waits, and goes if this process is gone
 */
import { type ChildProcess, spawn } from 'node:child_process'

const script = 'groups=; while read -r line; do groups=$line; done; [ -z "$groups" ] || kill -s KILL -- $groups'

let shell: ChildProcess | undefined
const groups = new Set<number>()

/** To be called before a program is started: until the shell is there, nobody would end the program. */
export function startGuard(): void {
  shell ??= start()
}

/**
 * @param group - the process number of its leader
 * @param known - called once: the shell has the line, or there is no shell
 */
export function watchGroup(group: number, known: () => void): void {
  groups.add(group)
  if (shell?.stdin) tell(shell, known)
  else known()
}

export function unwatchGroup(group: number): void {
  groups.delete(group)
  if (shell !== undefined) tell(shell)
}

function tell({ stdin }: ChildProcess, told?: () => void): void {
  stdin?.write(`${[...groups].map((group) => -group).join(' ')}\n`, told)
}

function start(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], env: {}, cwd: '/', detached: true })
  child.on('error', () => undefined) // then nothing watches, and the time limit holds all the same
  child.stdin?.on('error', () => undefined)
  child.unref()
  return child
}
