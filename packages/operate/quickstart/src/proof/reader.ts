/** What a mail reader does: send a message with a login, and fetch one. */
import { Conversation } from './conversation.ts'

export interface Login {
  readonly address: string
  readonly secret: string
}

const smtpReply = /^(?:[23]\d\d-[^\n]*\n)*[23]\d\d [^\n]*\n/
const smtpRefusal = /^(?:\d\d\d-[^\n]*\n)*[45]\d\d [^\n]*\n/
const popReply = /^\+OK[^\n]*\n/
const popText = /^\+OK[^\n]*\n(?:[^\n]*\n)*?\.\r\n/
const popRefusal = /^-ERR[^\n]*\n/

/** Hand a message in by submission. @param message - with CRLF, without a line that is a dot @throws Trouble 4.4.2 */
export async function submit(port: number, { address, secret }: Login, to: string, message: string): Promise<void> {
  const smtp = Conversation.open(port)
  const say = (line?: string) => smtp.say(line, smtpReply, smtpRefusal)
  try {
    await say()
    await say('EHLO quickstart.invalid')
    await say(`AUTH PLAIN ${Buffer.from(`\0${address}\0${secret}`).toString('base64')}`)
    await say(`MAIL FROM:<${address}>`)
    await say(`RCPT TO:<${to}>`)
    await say('DATA')
    await say(`${message}.`)
    await say('QUIT')
  } finally {
    smtp.close()
  }
}

/**
 * Look for a message in the mailbox.
 *
 * @param mark - a piece of its header
 * @param keeps - whether it stays there once it is found
 * @returns it, with LF line ends; undefined if it is not there yet
 * @throws Trouble 4.4.2
 */
export async function fetchMessage(port: number, { address, secret }: Login, mark: string, keeps: boolean): Promise<string | undefined> {
  const pop = Conversation.open(port)
  const say = (line?: string) => pop.say(line, popReply, popRefusal)
  try {
    await say()
    await say(`USER ${address}`)
    await say(`PASS ${secret}`)
    const count = Number(/^\+OK (\d+)/.exec(await say('STAT'))?.[1] ?? 0)
    for (let number = count; number >= 1; number -= 1) {
      const header = await pop.say(`TOP ${number} 0`, popText, popRefusal)
      if (!header.includes(mark)) continue
      const message = textOf(await pop.say(`RETR ${number}`, popText, popRefusal))
      if (!keeps) await say(`DELE ${number}`)
      await say('QUIT')
      return message
    }
    await say('QUIT')
    return undefined
  } finally {
    pop.close()
  }
}

function textOf(reply: string): string {
  const lines = reply.split('\r\n').slice(1, -2)
  return `${lines.map((line) => line.replace(/^\./, '')).join('\n')}\n`
}
