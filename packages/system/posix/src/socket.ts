/** The descriptor of a socket, which Node keeps to itself, and what can be done with it. */
import { closeSync, constants } from 'node:fs'
import type { Socket } from 'node:net'
import { libc, systemError } from './libc.ts'

const SOL_SOCKET = 1
const SO_LINGER = 13
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

/** Close a socket that others have had as well: one of them may have asked that its close waits for the peer (SO_LINGER, socket(7)). */
export function closeAtOnce(fd: number): void {
  libc().setsockopt(fd, SOL_SOCKET, SO_LINGER, new Int32Array(2), 8)
  closeSync(fd)
}

/** Make reads and writes fail with EAGAIN instead of waiting, for everybody who shares the open file. */
export function setNonBlocking(fd: number): void {
  const flags = libc().fcntl(fd, F_GETFL, 0)
  if (flags < 0 || libc().fcntl(fd, F_SETFL, flags | constants.O_NONBLOCK) < 0) throw systemError('fcntl')
}
