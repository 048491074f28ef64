/** IDLE: news as they happen, until the client says DONE (RFC 2177). */
import { Arguments, BadCommand, type Command } from '@yabumi/imapwire'
import { imapRestSeconds, imapStillHereSeconds } from '@yabumi/limits'
import { rest, stillHere } from '../parking.ts'
import type { Session } from '../session.ts'

export async function answerIdle(session: Session, { tag, args }: Command): Promise<string> {
  new Arguments(args).end()
  const { connection, selected } = session
  if (!session.resting.goesOn) connection.put('+ idling\r\n')
  session.resting.goesOn = false
  let isNew = true
  const wake = (): void => {
    isNew = true
    connection.wake()
  }
  const stopListening = selected?.mailbox.listen(wake)
  const calling = setInterval(() => {
    connection.put(stillHere)
    connection.flush()
  }, 1000 * imapStillHereSeconds)
  let isResting = false
  const impatience = setInterval(() => {
    isResting = true
    connection.wake()
  }, 1000 * imapRestSeconds)
  try {
    for (;;) {
      if (isNew) await session.tellNews(true, false)
      if (isNew) await session.notify?.tell()
      connection.flush()
      isNew = false
      if (session.isEnding) return 'the session ends'
      if (isResting && (await rest(session, tag))) return 'the session rests'
      isResting = false
      const line = await connection.nextLine()
      if (line !== undefined) {
        if (line.toUpperCase() !== 'DONE') throw new BadCommand('Expected DONE')
        return 'no more idling'
      }
      isNew ||= session.notify !== undefined
      if (connection.isOver || session.isEnding) return 'the session ends'
    }
  } finally {
    clearInterval(calling)
    clearInterval(impatience)
    stopListening?.()
  }
}
