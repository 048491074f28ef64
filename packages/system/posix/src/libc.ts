/**
 * The C library's functions, bound through koffi at first use: koffi costs 4 ms of a start, a function 0.1 ms, a call
 * 0.7 µs.
 */
import { createRequire } from 'node:module'
import { getSystemErrorName } from 'node:util'
import { isMainThread } from 'node:worker_threads'

interface Libc {
  readonly flock: (fd: number, operation: number) => number
  readonly dup2: (from: number, to: number) => number
  readonly fcntl: (fd: number, command: number, argument: number) => number
  readonly pipe2: (fds: Int32Array, flags: number) => number
  readonly lseek: (fd: number, offset: number, whence: number) => number
  readonly socket: (domain: number, type: number, protocol: number) => number
  readonly bind: (fd: number, address: Buffer, length: number) => number
  readonly setsockopt: (fd: number, level: number, name: number, value: Int32Array, length: number) => number
  readonly socketpair: (domain: number, type: number, protocol: number, fds: Int32Array) => number
  readonly getsockopt: (fd: number, level: number, name: number, value: Buffer, length: Int32Array) => number
  readonly getsockname: (fd: number, address: Buffer, length: Int32Array) => number
  readonly getpeername: (fd: number, address: Buffer, length: Int32Array) => number
  readonly sendmsg: (fd: number, message: Buffer, flags: number) => number
  readonly recvmsg: (fd: number, message: Buffer, flags: number) => number
  readonly readlinkat: (fd: number, path: string, target: Buffer, size: number) => number
  readonly inotify_init1: (flags: number) => number
  readonly inotify_add_watch: (fd: number, path: string, mask: number) => number
  readonly inotify_rm_watch: (fd: number, watch: number) => number
  readonly poll: (entries: Buffer, count: number, milliseconds: number) => number
  readonly mkfifo: (path: string, mode: number) => number
  readonly memfd_create: (name: string, flags: number) => number
  readonly tzset: () => void
  readonly openlog: (name: Buffer, options: number, facility: number) => void
  readonly syslog: (priority: number, format: string, type: 'str', text: string) => void
  readonly localtime_r: (seconds: BigInt64Array, tm: Buffer) => unknown
}

const prototypes: Record<keyof Libc, string> = {
  flock: 'int flock(int, int)',
  dup2: 'int dup2(int, int)',
  fcntl: 'int fcntl(int, int, int)',
  pipe2: 'int pipe2(_Out_ int *, int)',
  lseek: 'int64_t lseek(int, int64_t, int)',
  socket: 'int socket(int, int, int)',
  bind: 'int bind(int, const void *, unsigned int)',
  setsockopt: 'int setsockopt(int, int, int, const int *, unsigned int)',
  socketpair: 'int socketpair(int, int, int, _Out_ int *)',
  getsockopt: 'int getsockopt(int, int, int, void *, _Inout_ int *)',
  getsockname: 'int getsockname(int, void *, _Inout_ int *)',
  getpeername: 'int getpeername(int, void *, _Inout_ int *)',
  sendmsg: 'int64_t sendmsg(int, void *, int)',
  recvmsg: 'int64_t recvmsg(int, void *, int)',
  openlog: 'void openlog(void *, int, int)',
  syslog: 'void syslog(int, str, ...)',
  readlinkat: 'int64_t readlinkat(int, str, void *, size_t)',
  inotify_init1: 'int inotify_init1(int)',
  inotify_add_watch: 'int inotify_add_watch(int, str, unsigned int)',
  inotify_rm_watch: 'int inotify_rm_watch(int, int)',
  poll: 'int poll(void *, unsigned long, int)',
  mkfifo: 'int mkfifo(str, unsigned int)',
  memfd_create: 'int memfd_create(str, unsigned int)',
  tzset: 'void tzset(void)',
  localtime_r: 'void *localtime_r(const int64_t *, void *)',
}

interface Koffi {
  load(path: string | null): { func(prototype: string): unknown }
  errno(): number
  address(value: Buffer): bigint
}

interface Library {
  readonly libc: Libc
  readonly koffi: Koffi
}

let library: Library | undefined

function load(): Library {
  const koffi = binding()
  const lib = koffi.load(null)
  if (isMainThread) passOverExitHandlers(lib.func('void _exit(int)') as (code: number) => void)
  const libc = {} as Libc
  for (const [name, prototype] of Object.entries(prototypes)) {
    const bind = (): unknown => {
      const value = lib.func(prototype)
      Object.defineProperty(libc, name, { value })
      return value
    }
    Object.defineProperty(libc, name, { configurable: true, get: bind })
  }
  return { koffi, libc }
}

/** koffi's binary for this machine. The package koffi loads half of Node before it gives the same, which takes another 5 ms. */
function binding(): Koffi {
  const require = createRequire(import.meta.url)
  try {
    return require(`@koromix/koffi-${process.platform}-${process.arch}`) as Koffi
  } catch {
    return require('koffi') as Koffi // which finds one that was made here
  }
}

/**
 * When the process ends koffi syncs descriptors 1 and 2, which costs a moment where they are files and waits for ever on a disk that fails. So no
 * exit handler of a library gets its turn, nor a listener of `exit` that came later, except where Node has still to say why it crashes. (In a worker
 * `exit` is the end of the thread alone.)
 */
function passOverExitHandlers(exit: (code: number) => void): void {
  let crashes = false
  process.on('uncaughtExceptionMonitor', () => {
    crashes = true
  })
  process.on('exit', (code) => {
    if (!crashes) exit(code)
  })
}

export function libc(): Libc {
  library ??= load()
  return library.libc
}

/** The address of a buffer's bytes, for structures that point to others. The caller keeps the buffer alive. */
export function addressOf(buffer: Buffer): bigint {
  library ??= load()
  return library.koffi.address(buffer)
}

/** The error of the call that has just returned -1, in the form of node:fs: `code` is the errno name. */
export function systemError(call: string): NodeJS.ErrnoException {
  library ??= load()
  const errno = library.koffi.errno()
  const code = getSystemErrorName(-errno)
  return Object.assign(new Error(`${code}, ${call}`), { errno: -errno, code, syscall: call })
}
