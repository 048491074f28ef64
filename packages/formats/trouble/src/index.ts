/**
 * Trouble that stops one message, one connection or one program, and the exit code that tells the caller.
 *
 * One bit matters, try again or give up, and it is stored once: in the first digit of the status.
 * See spec §0.1 (exit codes) and RFC 3463 §2 (status codes).
 */

/** Trouble with its RFC 3463 status. The first digit is the verdict: 4 try again, 5 bounce. */
export class Trouble extends Error {
  override readonly name = 'Trouble'
  readonly status: `${4 | 5}.${number}.${number}`

  constructor(status: Trouble['status'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

/** 100 is permanent, 111 everything else: a bug of ours must never bounce somebody's mail. */
export function exitCode(error: unknown): 100 | 111 {
  return error instanceof Trouble && error.status.startsWith('5') ? 100 : 111
}

/** How a program of a delivery can end (spec §2.7.5): the message is done, done with no further instruction, given up, or tried again. */
export const deliveryExit = { done: 0, stop: 99, failure: 100, deferral: 111 } as const

/** What qmail's programs hear of a child that could not be run, whatever the reason (spec §2.2, §2.4.3). */
export const cannotRunExit = 120

/** Exit codes by which a program of a dotfile gives up on the message: qmail's own, and those of sysexits(3) that will not change by themselves (spec §2.7.5). */
export const permanentExits: ReadonlySet<number> = new Set([100, 64, 65, 70, 76, 77, 78, 112])

/** The `errno` name of a failed system call (`ENOENT`), or undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined
}

/** The errors that pass by themselves (spec §0.1, "temporary errno"); every other one is permanent. */
const temporary = new Set(
  `EINTR ENOMEM ETXTBSY EIO ETIMEDOUT EWOULDBLOCK EAGAIN EDEADLK EBUSY ENFILE EMFILE EFBIG ENOSPC
  ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS ETOOMANYREFS ECONNREFUSED EHOSTDOWN
  EHOSTUNREACH EPROCLIM EUSERS EDQUOT ESTALE ENOLCK`.split(/\s+/),
)

/** Whether a failed system call is worth another try. */
export function isTemporary(error: unknown): boolean {
  return temporary.has(errnoOf(error) ?? '')
}

const texts: Record<string, string> = {
  EPERM: 'permission denied',
  ENOENT: 'file does not exist',
  EACCES: 'access denied',
  EEXIST: 'file already exists',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  ENOSPC: 'disk full',
  EDQUOT: 'disk quota exceeded',
  EIO: 'input/output error',
  EMFILE: 'process cannot open more files',
  ENFILE: 'system cannot open more files',
  EROFS: 'read-only file system',
  ENOMEM: 'out of memory',
  EINVAL: 'invalid argument',
  ELOOP: 'symbolic link loop',
  ENAMETOOLONG: 'file name too long',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ETIMEDOUT: 'timed out',
  EADDRINUSE: 'address already used',
  EADDRNOTAVAIL: 'address not available',
  EXDEV: 'cross-device link',
  ESPIPE: 'unseekable descriptor',
  EMLINK: 'too many links',
  EBUSY: 'device busy',
  ENODEV: 'device does not support operation',
  E2BIG: 'argument list too long',
  ESRCH: 'no such process',
  EINTR: 'interrupted system call',
  ENOLCK: 'no locks available',
  ESTALE: 'stale NFS file handle',
  ENETUNREACH: 'network unreachable',
  EHOSTUNREACH: 'host unreachable',
  ECONNABORTED: 'connection aborted',
  ENOTCONN: 'not connected',
  ENOBUFS: 'out of buffer space',
  ENOTEMPTY: 'directory not empty',
  EPIPE: 'broken pipe',
  ETXTBSY: 'text busy',
  ENOEXEC: 'exec format error',
  EBADF: 'file descriptor not open',
  EAGAIN: 'temporary failure',
  ENXIO: 'device not configured',
  EFBIG: 'file too big',
}

/** What the reference programs print for an error (the ERR of the spec): djb's words, or Node's for a rarer one. */
export function errorText(error: unknown): string {
  const code = errnoOf(error)
  if (code !== undefined) return texts[code] ?? code
  return error instanceof Error ? error.message : String(error)
}
