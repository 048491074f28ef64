/**
 * Open descriptors handed from process to process over a Unix socket (SCM_RIGHTS, unix(7)).
 *
 * struct msghdr and struct cmsghdr are laid out by hand as 64-bit Linux has them.
 */
import { addressOf, libc, systemError } from './libc.ts'

const AF_UNIX = 1
const SOCK_STREAM = 1
const SOCK_CLOEXEC = 0x80000
const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const MSG_DONTWAIT = 0x40
const MSG_CMSG_CLOEXEC = 0x40000000
const MSG_NOSIGNAL = 0x4000
const controlBytes = 24 // CMSG_SPACE of one descriptor
const controlLength = 20 // CMSG_LEN of one descriptor

/** Two connected Unix stream sockets, closed on exec. */
export function socketPair(): [number, number] {
  const fds = new Int32Array(2)
  if (libc().socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) !== 0) throw systemError('socketpair')
  return [fds[0] as number, fds[1] as number]
}

function messageHeader(iovec: Buffer, control: Buffer): Buffer {
  const header = Buffer.alloc(56)
  header.writeBigUInt64LE(addressOf(iovec), 16)
  header.writeBigUInt64LE(1n, 24)
  header.writeBigUInt64LE(addressOf(control), 32)
  header.writeBigUInt64LE(BigInt(control.length), 40)
  return header
}

function vectorOf(data: Buffer): Buffer {
  const iovec = Buffer.alloc(16)
  iovec.writeBigUInt64LE(addressOf(data), 0)
  iovec.writeBigUInt64LE(BigInt(data.length), 8)
  return iovec
}

/** Send one descriptor without waiting; EAGAIN says that the other side has not taken the earlier ones. */
export function sendDescriptor(socket: number, fd: number): void {
  const data = Buffer.from([0])
  const control = Buffer.alloc(controlBytes)
  control.writeBigUInt64LE(BigInt(controlLength), 0)
  control.writeInt32LE(SOL_SOCKET, 8)
  control.writeInt32LE(SCM_RIGHTS, 12)
  control.writeInt32LE(fd, 16)
  if (libc().sendmsg(socket, messageHeader(vectorOf(data), control), MSG_DONTWAIT | MSG_NOSIGNAL) !== 1) throw systemError('sendmsg')
}

/** Take the next descriptor that was sent, without waiting. */
export function receiveDescriptor(socket: number): number {
  const data = Buffer.alloc(1)
  const control = Buffer.alloc(controlBytes)
  const received = libc().recvmsg(socket, messageHeader(vectorOf(data), control), MSG_DONTWAIT | MSG_CMSG_CLOEXEC)
  if (received < 0) throw systemError('recvmsg')
  if (received === 0 || control.readInt32LE(12) !== SCM_RIGHTS) throw new Error('the other side sent no descriptor')
  return control.readInt32LE(16)
}
