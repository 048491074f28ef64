/** The descriptor of a socket, which Node keeps to itself, and what can be done with it. */
import { constants } from 'node:fs'
import type { Socket } from 'node:net'
import { libc, systemError } from './libc.ts'

const F_GETFL = 3
const F_SETFL = 4
const F_DUPFD_CLOEXEC = 1030

/** The descriptor of a connected socket, which Node does not show. It stays the socket's own. */
export function descriptorOf(socket: Socket): number {
  return (socket as unknown as { readonly _handle: { readonly fd: number } })._handle.fd
}

/** A second descriptor of the same open file, closed on exec. */
export function copyDescriptor(fd: number): number {
  const copy = libc().fcntl(fd, F_DUPFD_CLOEXEC, 3)
  if (copy < 0) throw systemError('fcntl')
  return copy
}

/** Make reads and writes fail with EAGAIN instead of waiting, for everybody who shares the open file. */
export function setNonBlocking(fd: number): void {
  const flags = libc().fcntl(fd, F_GETFL, 0)
  if (flags < 0 || libc().fcntl(fd, F_SETFL, flags | constants.O_NONBLOCK) < 0) throw systemError('fcntl')
}
