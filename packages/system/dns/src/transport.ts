/**
 * A question and its reply over the network: a datagram from a socket of its own, or a connection.
 *
 * The socket is connected, so the system itself drops what comes from elsewhere.
 */
import { createSocket } from 'node:dgram'
import { connect, isIP } from 'node:net'
import { type Question, standingOf } from './question.ts'
import type { Server } from './servers.ts'

/** The reply; or that none came in time, or none can. */
export type Reply = Buffer | 'silence' | 'unreachable'

const lengthBytes = 2

/** @returns 'similar' for a reply that differs in the case of letters only. Never throws. */
export function askByDatagram({ address, port }: Server, question: Question, milliseconds: number): Promise<Reply | 'similar'> {
  return new Promise((resolve) => {
    const socket = createSocket({
      type: isIP(address) === 6 ? 'udp6' : 'udp4',
      lookup: (host, _options, done) => done(null, host, isIP(host)),
    })
    let ended = false
    const end = (reply: Reply | 'similar'): void => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      socket.close()
      resolve(reply)
    }
    const timer = setTimeout(end, milliseconds, 'silence')
    socket.on('error', () => end('unreachable'))
    socket.on('message', (bytes) => {
      const standing = standingOf(bytes, question)
      if (standing !== 'other') end(standing === 'similar' ? 'similar' : bytes)
    })
    socket.once('connect', () => socket.send(question.wire))
    socket.connect(port, address)
  })
}

/** Never throws. */
export function askByConnection({ address, port }: Server, question: Question, milliseconds: number): Promise<Reply> {
  return new Promise((resolve) => {
    const socket = connect(port, address)
    const end = (reply: Reply): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(reply)
    }
    const timer = setTimeout(end, milliseconds, 'silence')
    const length = Buffer.alloc(lengthBytes)
    length.writeUInt16BE(question.wire.length)
    socket.write(Buffer.concat([length, question.wire]))
    let pieces: Buffer[] = []
    let bytesDue = lengthBytes
    socket.on('data', (bytes) => {
      pieces.push(bytes)
      bytesDue -= bytes.length
      if (bytesDue > 0) return
      pieces = [Buffer.concat(pieces)]
      const input = pieces[0] as Buffer
      const whole = lengthBytes + input.readUInt16BE()
      bytesDue = whole - input.length
      if (bytesDue > 0) return
      const reply = input.subarray(lengthBytes, whole)
      end(standingOf(reply, question) === 'other' ? 'unreachable' : reply)
    })
    socket.once('error', () => end('unreachable')).once('close', () => end('unreachable'))
  })
}
