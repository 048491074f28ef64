/** What authd has sessiond do: start the session of a login, or end all that a login has. */
import { foreignCheckSeconds, sessionAnswerSeconds } from '@yabumi/limits'
import { Conversation, type LoginRecord, sessionSocket } from '@yabumi/loginprotocol'
import { errorText } from '@yabumi/trouble'

/**
 * @param order - `session` LOGIN WORD..., or `check` LOGIN SECRET WORD... where a checker of the administrator's decides
 * @param descriptors - the connection to the client, and the front's end of the session
 * @returns the answer to the front: `session` PID, `wrong`, or `trouble` TEXT
 */
export async function startSession(order: LoginRecord, descriptors: readonly [number, number]): Promise<LoginRecord> {
  return ask(order, ...descriptors)
}

async function ask(order: LoginRecord, ...descriptors: readonly number[]): Promise<LoginRecord> {
  try {
    const conversation = await Conversation.connect(sessionSocket)
    try {
      await conversation.say(order, ...descriptors)
      const answer = await conversation.record(sessionAnswerSeconds + foreignCheckSeconds)
      return answer ?? ['trouble', 'sessiond did not answer']
    } finally {
      conversation.close()
    }
  } catch (error) {
    return ['trouble', `unable to ask sessiond: ${errorText(error)}`]
  }
}

/** Have a checker of the administrator's say whether a login is right, without a session. @returns `right`, `wrong`, or `trouble` TEXT */
export async function verifyForeign(login: string, secret: string): Promise<LoginRecord> {
  return ask(['verify', login, secret])
}

/** Have the administrator's program say whether a token is this login's. @returns as verifyForeign() */
export async function verifyToken(login: string, token: string): Promise<LoginRecord> {
  return ask(['token', login, token])
}

/** End every session of a login. That nobody is there who has any is no trouble. */
export async function endSessions(login: string): Promise<void> {
  try {
    const conversation = await Conversation.connect(sessionSocket)
    await conversation.say(['end', login])
    await conversation.record(sessionAnswerSeconds)
    conversation.close()
  } catch {
    // it ends them itself when it ends
  }
}
