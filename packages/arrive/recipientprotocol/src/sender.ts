/** The question whether somebody who has logged in may send as an address, asked by whoever hears submissions. */
import { recipientWaitSeconds } from '@yabumi/limits'
import { Conversation } from '@yabumi/loginprotocol'
import { Trouble } from '@yabumi/trouble'
import { recipientSocket } from './ask.ts'

/** Byte strings. */
export interface MaySend {
  /** The first address that is somebody else's; undefined if all are right. */
  readonly foreign: string | undefined
  /** What the login is written as where nothing else is said. */
  readonly own: string
}

/**
 * Ask. The working directory is the home.
 *
 * @throws Trouble 4.3.0 if there is no answer, whatever the cause
 */
export async function askSender(login: string, addresses: readonly string[]): Promise<MaySend> {
  try {
    const conversation = await Conversation.connect(recipientSocket)
    try {
      await conversation.say(['sender', login, ...addresses])
      const [word, own = '', foreign] = (await conversation.record(recipientWaitSeconds)) ?? []
      if ((word !== 'yes' && word !== 'no') || own === '') throw new Error('no answer')
      return { foreign: word === 'yes' ? undefined : (foreign ?? ''), own }
    } finally {
      conversation.close()
    }
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to ask recipientd: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
