/**
 * How much the queue has room for, as the resident queue says.
 *
 * It is asked once a second at most, whoever wants to know. What fills the disk within that time, queue sees itself.
 */
import { queueSocketWaitSeconds } from '@yabumi/limits'
import { connectToQueue, giveBack, takeIdle } from './pool.ts'

const keptSeconds = 1

let known: Promise<number | undefined> | undefined
let until = 0

/** @returns bytes; undefined where no resident queue says so within queueSocketWaitSeconds. Never rejects */
export function queueRoom(): Promise<number | undefined> {
  if (known === undefined || process.uptime() > until) {
    known = ask()
    until = process.uptime() + keptSeconds
  }
  return known
}

async function ask(): Promise<number | undefined> {
  const connection = takeIdle() ?? (await connectToQueue())
  if (connection === undefined) return undefined
  const timer = setTimeout(() => connection.close(), queueSocketWaitSeconds * 1000)
  const bytes = await connection.askRoom()
  clearTimeout(timer)
  giveBack(connection)
  return bytes
}
