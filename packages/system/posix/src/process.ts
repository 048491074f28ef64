/** Pipes, FIFOs, numbers and positions of descriptors: the calls for them that Node does not have. */
import { libc, systemError } from './libc.ts'

const O_CLOEXEC = 0x80000
const F_SETPIPE_SZ = 1031

/** A pipe: what is written to `write` can be read from `read`. Neither is closed on exec unless asked for. */
export function makePipe(closeOnExec = false): { read: number; write: number } {
  const fds = new Int32Array(2)
  if (libc().pipe2(fds, closeOnExec ? O_CLOEXEC : 0) !== 0) throw systemError('pipe2')
  return { read: fds[0] as number, write: fds[1] as number }
}

/**
 * Let a pipe hold so many bytes before its writer waits; the system gives 65,536 (pipe(7)). Memory is taken only for what is in it.
 *
 * @returns false where /proc/sys/fs/pipe-max-size or the user's share of all pipes forbids it: the pipe stays as it was
 */
export function widenPipe(fd: number, bytes: number): boolean {
  return libc().fcntl(fd, F_SETPIPE_SZ, bytes) >= bytes
}

/** Make a descriptor also available under another number, which stays open on exec (dup2). */
export function duplicate(from: number, to: number): void {
  if (libc().dup2(from, to) < 0) throw systemError('dup2')
}

/** Create a FIFO; the process's umask applies to the mode. */
export function makeFifo(path: string, mode: number): void {
  if (libc().mkfifo(path, mode) !== 0) throw systemError('mkfifo')
}

/** Set the position of an open file back to its start, for whoever reads it next. */
export function rewind(fd: number): void {
  if (libc().lseek(fd, 0, 0) !== 0) throw systemError('lseek')
}
