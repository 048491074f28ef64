/**
 * The SMTP dialogue for one message over one connection, from the greeting to the reply to the final dot (spec §2.8.5).
 *
 * Says nothing that the reference does not say: HELO, one command at a time, each reply awaited.
 */
import type { Connection } from './connection.ts'
import { ConnectionDied } from './connection.ts'
import { sendMessage, Unreadable } from './message.ts'
import * as texts from './texts.ts'
import { wireAddress } from './wire.ts'

/** One message for one host, and who is to get it there. */
export interface Mail {
  readonly sender: string
  /** The next recipient to name to the host; undefined once there are no more: the message is sent then. */
  nextRecipient(): string | undefined
  /** What came of the recipient named last: a report with the letter r, h or s. */
  reportRecipient(report: string): void
  /** The message, open at its start; asked for once, when the host wants to have it. */
  messageFd(): number
}

/** How a conversation ends: with a report on the message, and something to do with the connection. */
export interface Ending {
  /** With the letter K, Z or D. */
  readonly report: string
  /** keep: it is fit for another message; quit: QUIT is due; drop: close it without a word. */
  readonly fate: 'keep' | 'quit' | 'drop'
}

/**
 * A connection that has carried messages before refuses another one, or is gone, before anybody was named. That says
 * nothing about this message, so it is to be tried on a new connection; only there an answer to MAIL counts.
 */
export const stale = 'stale'

/** Hand a message to the host. Never throws. */
export async function converse(connection: Connection, mail: Mail, heloHost: string): Promise<Ending | typeof stale> {
  const ip = connection.address
  const used = connection.messages > 0
  let late = false
  let named = false
  try {
    const refusal = used ? undefined : await introduce(connection, heloHost)
    if (refusal !== undefined) return { report: refusal, fate: 'quit' }
    const badSender = await nameSender(connection, mail.sender)
    if (badSender !== undefined) return used ? stale : { report: badSender, fate: 'quit' }
    named = true
    if (!(await nameRecipients(connection, mail))) return { report: texts.noRecipient(ip), fate: 'quit' }
    connection.command('DATA')
    const go = await connection.reply()
    const badData = severity(go.code)
    if (badData !== undefined) return { report: texts.badData(badData, ip, go.text), fate: 'quit' }
    const whole = await sendMessage(connection, mail.messageFd(), () => {
      late = true
    })
    if (!whole) return { report: texts.partialLine, fate: 'drop' }
    const { code, text } = await connection.reply()
    late = false
    const badMessage = severity(code)
    if (badMessage !== undefined) return { report: texts.badMessage(badMessage, ip, text), fate: 'quit' }
    connection.messages += 1
    return { report: texts.accepted(ip, text), fate: 'keep' }
  } catch (error) {
    if (error instanceof ConnectionDied) {
      if (used && !named) return stale
      return { report: late ? texts.diedLate(ip) : texts.died(ip), fate: 'drop' }
    }
    return { report: error instanceof Unreadable ? texts.unreadable : texts.systemTrouble, fate: 'drop' }
  }
}

/**
 * Finish with a connection as the ending says, where it is not kept.
 *
 * @returns the report that counts: where QUIT cannot be written, the reference says that the connection died
 */
export async function hangUp(connection: Connection, ending: Ending): Promise<string> {
  if (ending.fate === 'drop') {
    connection.close()
    return ending.report
  }
  return (await connection.quit()) ? ending.report : texts.died(connection.address)
}

async function introduce(connection: Connection, heloHost: string): Promise<string | undefined> {
  const greeting = await connection.reply()
  if (greeting.code !== 220) return texts.badGreeting(connection.address, greeting.text)
  connection.command(`HELO ${heloHost}`)
  const answer = await connection.reply()
  return answer.code === 250 ? undefined : texts.badName(connection.address, answer.text)
}

async function nameSender(connection: Connection, sender: string): Promise<string | undefined> {
  const address = wireAddress(sender)
  if (address === undefined) return texts.brokenSender
  connection.command(`MAIL FROM:<${address}>`)
  const { code, text } = await connection.reply()
  const bad = severity(code)
  return bad === undefined ? undefined : texts.badSender(bad, connection.address, text)
}

/** @returns whether at least one was accepted */
async function nameRecipients(connection: Connection, mail: Mail): Promise<boolean> {
  let accepted = false
  for (let recipient = mail.nextRecipient(); recipient !== undefined; recipient = mail.nextRecipient()) {
    const address = wireAddress(recipient)
    if (address === undefined) {
      mail.reportRecipient(texts.brokenRecipient)
      continue
    }
    connection.command(`RCPT TO:<${address}>`)
    const { code, text } = await connection.reply()
    const bad = severity(code)
    if (bad === 'D') mail.reportRecipient(texts.recipientRefused(connection.address, text))
    else if (bad === 'Z') mail.reportRecipient(texts.recipientDeferred(connection.address, text))
    else {
      accepted = true
      mail.reportRecipient(texts.recipientAccepted)
    }
  }
  return accepted
}

/** Codes below 400 are good. A code with bytes below `0` in it is negative here and huge in the reference: bad for good. */
function severity(code: number): 'D' | 'Z' | undefined {
  if (code >= 500 || code < 0) return 'D'
  return code >= 400 ? 'Z' : undefined
}
