/**
 * One-shot without the right to write queue/: the resident queue does it, and its answer becomes our exit code.
 *
 * This is what stands in for qmail-queue's set-uid bit. The resident queue takes our uid from the kernel.
 */
import { connectToQueue, type QueueConnection } from '@yabumi/enqueue'
import { queueSocketWaitSeconds } from '@yabumi/limits'
import { readDescriptor } from './descriptor.ts'
import { codeOf, exitCode } from './exitcode.ts'
import { copyEnvelope } from './oneshot.ts'

const pauseMilliseconds = 100

/**
 * Send the facts and descriptors 0 and 1 to the resident queue, waiting a while for one that is just starting.
 *
 * @returns the exit code; undefined if there is no resident queue
 */
export async function relay(facts: string): Promise<number | undefined> {
  const connection = await waitForQueue()
  if (connection === undefined) return undefined
  connection.begin('', facts)
  try {
    for await (const bytes of readDescriptor(0)) {
      // a piece from a file is overwritten by the next one
      if (!connection.send('M', Buffer.from(bytes))) await connection.drained()
      if (connection.hasAnswer) break
    }
    await copyEnvelope(async (records) => {
      if (!connection.send('E', Buffer.from(records))) await connection.drained()
    })
  } catch (error) {
    await connection.end('A')
    return codeOf(error)
  }
  const { code } = await connection.end(connection.hasAnswer ? 'A' : 'C')
  return code === 'crashed' ? exitCode.bug : code
}

async function waitForQueue(): Promise<QueueConnection | undefined> {
  const end = performance.now() + queueSocketWaitSeconds * 1000
  for (;;) {
    const connection = await connectToQueue()
    if (connection !== undefined || performance.now() > end) return connection
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds))
  }
}
