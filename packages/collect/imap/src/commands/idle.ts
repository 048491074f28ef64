/** IDLE: news as they happen, until the client says DONE (RFC 2177). */
import { Arguments, BadCommand, type Command } from '@yabumi/imapwire'
import { imapStillHereSeconds } from '@yabumi/limits'
import type { Session } from '../session.ts'

export async function answerIdle(session: Session, { args }: Command): Promise<string> {
  new Arguments(args).end()
  const { connection, selected } = session
  connection.put('+ idling\r\n')
  let isNew = true
  const wake = (): void => {
    isNew = true
    connection.wake()
  }
  const stopListening = selected?.mailbox.listen(wake)
  const stillHere = setInterval(() => {
    connection.put('* OK Still here\r\n')
    connection.flush()
  }, 1000 * imapStillHereSeconds)
  try {
    for (;;) {
      if (isNew) await session.tellNews(true, false)
      if (isNew) await session.notify?.tell()
      connection.flush()
      isNew = false
      if (session.isEnding) return 'the session ends'
      const line = await connection.nextLine()
      if (line !== undefined) {
        if (line.toUpperCase() !== 'DONE') throw new BadCommand('Expected DONE')
        return 'no more idling'
      }
      isNew ||= session.notify !== undefined
      if (connection.isOver || session.isEnding) return 'the session ends'
    }
  } finally {
    clearInterval(stillHere)
    stopListening?.()
  }
}
