/** Speak SMTP or POP3 in lock step, and keep the transcript. */
import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'

/** Whether what was heard so far is a whole reply. */
export type Complete = (heard: string) => boolean

/** The last line of an SMTP reply has a blank behind its code. */
export const smtpReply: Complete = (heard) => /^\d{3} [^\n]*\r\n$/m.test(heard)
export const oneLine: Complete = (heard) => heard.endsWith('\r\n')
/** A POP3 reply of many lines, or a refusal. */
export const untilDot: Complete = (heard) => heard.endsWith('\r\n.\r\n') || /^-ERR [^\n]*\r\n$/.test(heard)

export class Dialogue {
  #socket: Socket
  #heard = ''
  #ended = false
  #wake: () => void = () => undefined
  /** Both sides, as a person would print it: ours marked `> `. */
  transcript = ''

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#listen()
  }

  #listen(): void {
    const socket = this.#socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#heard += text
      this.#wake()
    })
    const end = (): void => {
      this.#ended = true
      this.#wake()
    }
    socket.on('end', end).on('error', end).on('close', end)
  }

  /** Connect and hear the greeting. */
  static async open(port: number, greeting: Complete, host = '127.0.0.1'): Promise<Dialogue> {
    const socket = connect({ port, host })
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    const dialogue = new Dialogue(socket)
    await dialogue.hear(greeting)
    return dialogue
  }

  /** The same, where TLS begins at once. */
  static async openTls(port: number, greeting: Complete): Promise<Dialogue> {
    const dialogue = new Dialogue(connect({ port, host: '127.0.0.1' }))
    await dialogue.secure()
    await dialogue.hear(greeting)
    return dialogue
  }

  /** Begin TLS. @returns the connection from now on; rejects where no TLS is made */
  async secure(options: ConnectionOptions = {}): Promise<TLSSocket> {
    for (const event of ['data', 'end', 'error', 'close']) this.#socket.removeAllListeners(event)
    const clear = this.#socket.on('error', () => undefined)
    const secure = connectTls({ socket: clear, rejectUnauthorized: false, ...options })
    this.#socket = secure
    this.#listen()
    await new Promise<void>((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject).once('close', reject))
    return secure
  }

  /** @returns the reply, byte for byte; what there is of it if the other side hangs up */
  async hear(complete: Complete): Promise<string> {
    while (!complete(this.#heard) && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const reply = this.#heard
    this.#heard = ''
    this.transcript += reply.replaceAll('\r\n', '\n')
    return reply
  }

  /** Say a line (or several, without the last line end) and hear the reply. */
  async say(text: string, complete: Complete): Promise<string> {
    this.transcript += text.replaceAll('\r\n', '\n').replace(/^/gm, '> ').concat('\n')
    this.#socket.write(`${text}\r\n`, 'latin1')
    return this.hear(complete)
  }

  /** Send bytes as they are. @returns when the other side has made room for more, or has hung up */
  async send(bytes: Buffer): Promise<void> {
    if (this.#socket.write(bytes) || this.#ended) return
    await new Promise<void>((resolve) => this.#socket.once('drain', resolve).once('close', () => resolve()))
  }

  /** Read nothing, until resume(). */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    this.#socket.destroy()
  }
}

/**
 * Send one message by SMTP.
 *
 * @param text - with LF line ends
 * @param parameters - of MAIL, from a client that says EHLO; without any it says HELO
 * @returns the last reply: to the message, or to the command that was refused
 */
export async function sendMail(
  port: number,
  sender: string,
  recipients: string[],
  text: string,
  host?: string,
  parameters = '',
): Promise<string> {
  const smtp = await Dialogue.open(port, smtpReply, host)
  try {
    const hello = parameters === '' ? 'HELO' : 'EHLO'
    const mail = `MAIL FROM:<${sender}> ${parameters}`.trimEnd()
    const commands = [`${hello} client.example`, mail, ...recipients.map((recipient) => `RCPT TO:<${recipient}>`), 'DATA']
    for (const command of commands) {
      const reply = await smtp.say(command, smtpReply)
      if (!/^[23]/.test(reply)) return reply
    }
    const reply = await smtp.say(`${text.replaceAll(/^\./gm, '..').replaceAll('\n', '\r\n')}.`, smtpReply)
    await smtp.say('QUIT', smtpReply)
    return reply
  } finally {
    smtp.close()
  }
}
