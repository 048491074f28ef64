/**
 * Connections to the resident queue of this process's home, kept for the next message.
 */
import { constants, openSync } from 'node:fs'
import { homeDirectory } from '@yabumi/home'
import { queueSocketWaitSeconds } from '@yabumi/limits'
import { QueueConnection } from './connection.ts'

/** Name of the socket in the home. */
export const queueSocketName = 'queue.sock'

const idleConnections = 32
const socketPathBytes = 107 // sun_path, unix(7)
const busyPauseMilliseconds = 20

const idle: QueueConnection[] = []
let path: string | undefined

/** A path of the socket that fits into sun_path; a home that lies too deep is reached through a descriptor of it. */
function socketPath(): string {
  const absolute = `${homeDirectory()}/${queueSocketName}`
  if (Buffer.byteLength(absolute) <= socketPathBytes) return absolute
  const directory = openSync(homeDirectory(), constants.O_RDONLY | constants.O_DIRECTORY)
  return `/proc/self/fd/${directory}/${queueSocketName}`
}

/** A connection that is open already, if there is one. */
export function takeIdle(): QueueConnection | undefined {
  for (;;) {
    const connection = idle.pop()
    if (connection === undefined || connection.usable) return connection
  }
}

/** Give back a connection whose message has its answer. */
export function giveBack(connection: QueueConnection): void {
  if (!connection.usable || idle.length >= idleConnections) {
    connection.close()
    return
  }
  connection.onlost = () => {
    const at = idle.indexOf(connection)
    if (at >= 0) idle.splice(at, 1)
  }
  connection.rest()
  idle.push(connection)
}

/**
 * A new connection, or undefined if no resident queue answers.
 *
 * A listener whose backlog is full (EAGAIN) is busy, not absent: it is asked again for some seconds.
 */
export async function connectToQueue(): Promise<QueueConnection | undefined> {
  const end = process.uptime() + queueSocketWaitSeconds // performance.now() would load a module of Node that takes 2 ms
  for (;;) {
    const result = await attempt()
    if (result instanceof QueueConnection) return result
    if (result?.code !== 'EAGAIN' || process.uptime() > end) return undefined
    await new Promise((resolve) => setTimeout(resolve, busyPauseMilliseconds))
  }
}

function attempt(): Promise<QueueConnection | NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    try {
      path ??= socketPath()
      const connection = new QueueConnection(path, (error) => resolve(error ?? connection))
    } catch {
      resolve(undefined)
    }
  })
}
