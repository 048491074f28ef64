/**
 * No read holds up the program: the event loop waits for pipes, sockets and terminals. Files never wait, and are read
 * directly.
 */
import { fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import { isatty, ReadStream } from 'node:tty'

/** Whether the event loop can wait for this descriptor; files are read and written directly. */
export function isStream(fd: number): boolean {
  const stat = fstatSync(fd)
  return stat.isFIFO() || stat.isSocket()
}

/** A socket to read a descriptor, unless it is a file. A terminal must not be read directly: a thread would wait there for ever. */
export function openInput(fd: number): Socket | undefined {
  if (isatty(fd)) return new ReadStream(fd)
  return isStream(fd) ? new Socket({ fd, readable: true, writable: false, allowHalfOpen: true }) : undefined
}
