/** A connection is there within its time, or one word says why there is none. */
import { errnoOf } from '@yabumi/trouble'
import { HostSocket } from './hostsocket.ts'

/** Why there is no connection: the time was up, we are out of something, our own address cannot be had, or anything else. */
export type DialFailure = 'timeout' | 'resources' | 'bind' | 'refused'

const exhausted = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'])

/** Connect to an address. @param from - our own address; empty: the system's choice. Never throws. */
export function dial(address: string, port: number, seconds: number, from: string): Promise<HostSocket | DialFailure> {
  return new Promise((resolve) => {
    // half open: what the host said before it closed is still to be read, and answered with QUIT
    const socket = new HostSocket({ allowHalfOpen: true })
    socket.setNoDelay(true)
    const fail = (failure: DialFailure): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(failure)
    }
    const timer = setTimeout(fail, seconds * 1000, 'timeout')
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
    socket.once('error', (error) => {
      const errno = errnoOf(error) ?? ''
      if ((error as NodeJS.ErrnoException).syscall === 'bind') fail('bind')
      else fail(errno === 'ETIMEDOUT' ? 'timeout' : exhausted.has(errno) ? 'resources' : 'refused')
    })
    socket.connect(from === '' ? { host: address, port } : { host: address, port, localAddress: from })
  })
}
