/** Whether a resident queue serves this home. */
import { connect } from 'node:net'
import { queueSocketName } from '@yabumi/enqueue'

/** Ask the socket; the working directory is the home. */
export function queueListens(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(queueSocketName)
    const answer = (listens: boolean): void => {
      socket.destroy()
      resolve(listens)
    }
    socket.once('connect', () => answer(true)).once('error', () => answer(false))
  })
}
