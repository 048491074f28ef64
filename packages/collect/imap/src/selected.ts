/** The mailbox that a session has selected, and what the client was told of it. */
import type { Mailbox, View } from '@yabumi/mailfolder'

export class Selected {
  readonly mailbox: Mailbox
  readonly view: View
  /** Keywords that the client knows, as FLAGS has named them. */
  keywords = ''
  /** The client has not heard how many messages there are. */
  owesExists = false

  constructor(mailbox: Mailbox, view: View) {
    this.mailbox = mailbox
    this.view = view
  }

  /** Flags of a message as this session sees them. @param uid - of a message of the view */
  readonly flagsOf = (uid: number): string => {
    const text = this.mailbox.flagText(uid) ?? ''
    if (!this.view.isRecent(uid)) return text
    return text === '' ? '\\Recent' : `${text} \\Recent`
  }
}
