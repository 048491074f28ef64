/** Who is at the other end of a Unix socket, by the kernel's word and not by the other end's. */
import { libc, systemError } from './libc.ts'

const SOL_SOCKET = 1
const SO_PEERCRED = 17

/** The process at the other end of a connected Unix socket, as the kernel recorded it at connect(2). */
export function peerOf(fd: number): { pid: number; uid: number; gid: number } {
  const value = Buffer.alloc(12)
  const length = new Int32Array([value.length])
  if (libc().getsockopt(fd, SOL_SOCKET, SO_PEERCRED, value, length) !== 0) throw systemError('getsockopt')
  return { pid: value.readInt32LE(0), uid: value.readUInt32LE(4), gid: value.readUInt32LE(8) }
}
