/** The question to recipientd, asked by whoever hears mail. */
import { recipientWaitSeconds } from '@yabumi/limits'
import { Conversation } from '@yabumi/loginprotocol'
import { Trouble } from '@yabumi/trouble'

/** Where recipientd is called, in the home. */
export const recipientSocket = 'recipientd.sock'

const verdicts = ['known', 'unknown', 'uncertain'] as const
/** `unknown` is certain: its mail would bounce. What cannot be said now is `uncertain`. */
export type Verdict = (typeof verdicts)[number]

const paces = ['at once', 'slowly', 'later'] as const
/** How a client is to be answered that names many who do not exist: as ever, after a pause, or by hearing that it may come back. */
export type Pace = (typeof paces)[number]

export interface RecipientAnswer {
  readonly verdict: Verdict
  readonly pace: Pace
  /** For how many seconds the verdict is good. */
  readonly keepSeconds: number
}

/**
 * Ask. The working directory is the home.
 *
 * @param recipient - byte string
 * @param client - the address of the client that names it
 * @throws Trouble 4.3.0 if there is no answer, whatever the cause
 */
export async function askRecipient(recipient: string, client: string): Promise<RecipientAnswer> {
  try {
    const conversation = await Conversation.connect(recipientSocket)
    try {
      await conversation.say(['recipient', recipient, client])
      const [word, at, seconds] = (await conversation.record(recipientWaitSeconds)) ?? []
      const [verdict, pace] = [verdicts.find((each) => each === word), paces.find((each) => each === at)]
      if (verdict === undefined || pace === undefined) throw new Error('no answer')
      return { verdict, pace, keepSeconds: Number(seconds) || 0 }
    } finally {
      conversation.close()
    }
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to ask recipientd: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
