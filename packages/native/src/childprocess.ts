/** node:child_process for programs compiled ahead: Bun's own, when it is first wanted. Most messages are queued without it. */
type ChildProcess = typeof import('node:child_process')

function childProcess(): ChildProcess {
  return require('node:child_process')
}

export const spawn = ((...words: Parameters<ChildProcess['spawn']>) => childProcess().spawn(...words)) as ChildProcess['spawn']
export const execFile = ((...words: Parameters<ChildProcess['execFile']>) => childProcess().execFile(...words)) as ChildProcess['execFile']
