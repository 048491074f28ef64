/** Ask the other host whose connection this is (RFC 1413). */
import { connect } from 'node:net'
import { identAnswerBytes } from '@yabumi/limits'
import type { Endpoint } from '@yabumi/posix'

const identPort = 113

/** @returns what it says, a byte string; undefined if it says nothing in time. Never rejects */
export function askIdent(local: Endpoint, remote: Endpoint, seconds: number, port: number = identPort): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: remote.address, port, localAddress: local.address })
    let answer = ''
    const end = (user: string | undefined): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(user)
    }
    const timer = setTimeout(() => end(undefined), 1000 * seconds)
    socket.on('connect', () => socket.write(`${remote.port} , ${local.port}\r\n`))
    socket.on('data', (bytes: Buffer) => {
      answer += bytes.toString('latin1')
      if (answer.includes('\n') || answer.length > identAnswerBytes) end(userIn(answer))
    })
    socket.on('error', () => end(undefined))
    socket.on('close', () => end(undefined))
  })
}

/** `PORT , PORT : USERID : SYSTEM : USER`, of which no byte may end the variable. */
export function userIn(answer: string): string | undefined {
  const user = /^[^:\n]*:[ \t]*USERID[ \t]*:[^:\n]*:[ \t]*([^\r\n\0]*)/i.exec(answer)?.[1]
  return user === '' ? undefined : user
}
