/** One server's word on a request (spec §5.4). */
import { connect, type Socket } from 'node:net'
import { qmqpConnectSeconds, qmqpSilenceSeconds } from '@yabumi/limits'
import { errnoOf } from '@yabumi/trouble'
import { type ExitCode, exitCode } from './exitcode.ts'
import type { Server } from './servers.ts'

/** Once a server was reached its word is the last; before, another one may be tried. */
export interface Outcome {
  readonly connected: boolean
  readonly code: ExitCode
}

const noDescriptors = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'])

/** Connect, send the request, hear the answer. Never rejects. @param request - strings are byte strings */
export function submit(server: Server, request: readonly (string | Buffer)[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ host: server.host, port: server.port })
    let connected = false
    const end = (code: ExitCode): void => {
      socket.destroy()
      resolve({ connected, code })
    }
    socket.setTimeout(qmqpConnectSeconds * 1000)
    socket.on('timeout', () => end(connected ? exitCode.broken : exitCode.timedOut))
    socket.on('error', (error) => end(connected ? exitCode.broken : connectCode(error)))
    socket.on('end', () => end(exitCode.broken))
    socket.on('connect', () => {
      connected = true
      socket.setTimeout(qmqpSilenceSeconds * 1000)
      send(socket, request)
    })
    socket.on('data', (reply: Buffer) => {
      const code = codeOf(reply)
      if (code !== undefined) end(code)
    })
  })
}

function connectCode(error: Error): ExitCode {
  const errno = errnoOf(error) ?? ''
  if (noDescriptors.has(errno)) return exitCode.socket
  return errno === 'ETIMEDOUT' ? exitCode.timedOut : exitCode.notConnected
}

function send(socket: Socket, request: readonly (string | Buffer)[]): void {
  socket.cork()
  for (const part of request) socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part)
  socket.uncork()
}

/** The first K, Z or D decides; whatever stands before it is the length of the answer. */
function codeOf(reply: Buffer): ExitCode | undefined {
  const letter = /[KZD]/.exec(reply.toString('latin1'))?.[0]
  if (letter === undefined) return undefined
  return letter === 'K' ? exitCode.queued : letter === 'Z' ? exitCode.deferred : exitCode.refused
}
