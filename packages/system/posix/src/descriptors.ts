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

/** A message of one byte and one descriptor. */
interface Parcel {
  /** struct msghdr */
  readonly header: Buffer
  /** struct cmsghdr with its descriptor. */
  readonly control: Buffer
  /** What the header points to. An address in it keeps nothing alive: whatever is not referred to from here may be freed at any moment. */
  readonly kept: readonly Buffer[]
}

let parcel: Parcel | undefined

/** The one parcel, because none of the calls waits; recvmsg changes it. */
function emptyParcel(): Parcel {
  parcel ??= newParcel()
  parcel.control.fill(0)
  parcel.header.writeBigUInt64LE(BigInt(controlLength), 40) // no room for a second one, which would stay open and unseen
  return parcel
}

function newParcel(): Parcel {
  const [header, iovec, control, data] = [Buffer.alloc(56), Buffer.alloc(16), Buffer.alloc(controlBytes), Buffer.alloc(1)] as const
  header.writeBigUInt64LE(addressOf(iovec), 16)
  header.writeBigUInt64LE(1n, 24)
  header.writeBigUInt64LE(addressOf(control), 32)
  iovec.writeBigUInt64LE(addressOf(data), 0)
  iovec.writeBigUInt64LE(1n, 8)
  return { header, control, kept: [iovec, data] }
}

/** Send one descriptor without waiting; EAGAIN says that the other side has not taken the earlier ones. */
export function sendDescriptor(socket: number, fd: number): void {
  const { header, control } = emptyParcel()
  control.writeBigUInt64LE(BigInt(controlLength), 0)
  control.writeInt32LE(SOL_SOCKET, 8)
  control.writeInt32LE(SCM_RIGHTS, 12)
  control.writeInt32LE(fd, 16)
  if (libc().sendmsg(socket, header, MSG_DONTWAIT | MSG_NOSIGNAL) !== 1) throw systemError('sendmsg')
}

/** Take the next descriptor that was sent, without waiting. */
export function receiveDescriptor(socket: number): number {
  const { header, control } = emptyParcel()
  const received = libc().recvmsg(socket, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)
  if (received < 0) throw systemError('recvmsg')
  if (received === 0 || control.readInt32LE(12) !== SCM_RIGHTS) throw new Error('the other side sent no descriptor')
  return control.readInt32LE(16)
}
