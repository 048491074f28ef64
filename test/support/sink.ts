/** The next host: an SMTP server that keeps what it is given, and takes 8BITMIME. */
import { createServer, type Socket } from 'node:net'

export interface Received {
  readonly sender: string
  /** What MAIL said behind the sender; empty if nothing. */
  readonly parameters: string
  readonly recipients: readonly string[]
  /** With LF line ends and without the dots that the wire adds. */
  readonly text: string
}

export interface Sink {
  readonly port: number
  readonly messages: readonly Received[]
  close(): Promise<void>
}

/**
 * @param refuse - the reply to a recipient who is not wanted, or undefined
 * @param store - called before a message is answered for
 */
export async function startSink(
  refuse: (recipient: string) => string | undefined = () => undefined,
  wantedPort = 0,
  store: (message: Received) => void = () => undefined,
  address = '127.0.0.1',
): Promise<Sink> {
  const messages: Received[] = []
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => undefined)
    serve(socket, refuse, (message) => {
      store(message)
      messages.push(message)
    })
  })
  await new Promise<void>((resolve) => server.listen(wantedPort, address, resolve))
  const { port } = server.address() as { port: number }
  const close = async (): Promise<void> => {
    for (const socket of open) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port, messages, close }
}

function serve(socket: Socket, refuse: (recipient: string) => string | undefined, keep: (message: Received) => void): void {
  let rest = ''
  let sender = ''
  let parameters = ''
  let recipients: string[] = []
  let lines: string[] | undefined
  const say = (reply: string): void => void socket.write(`${reply}\r\n`)
  const command = (line: string): void => {
    const address = /<(.*)>/.exec(line)?.[1] ?? ''
    if (/^mail/i.test(line)) {
      sender = address
      parameters = /> (.*)/.exec(line)?.[1] ?? ''
      recipients = []
      say('250 sender ok')
    } else if (/^rcpt/i.test(line)) {
      const refusal = refuse(address)
      if (refusal === undefined) recipients.push(address)
      say(refusal ?? '250 recipient ok')
    } else if (/^data/i.test(line)) {
      lines = []
      say('354 go on')
    } else if (/^quit/i.test(line)) {
      socket.end('221 bye\r\n')
    } else say(/^ehlo/i.test(line) ? '250-sink.example\r\n250 8BITMIME' : '250 sink.example')
  }
  say('220 sink.example ESMTP')
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    const pieces = (rest + text).split('\r\n')
    rest = pieces.pop() ?? ''
    for (const line of pieces) {
      if (lines === undefined) command(line)
      else if (line !== '.') lines.push(line.startsWith('.') ? line.slice(1) : line)
      else {
        keep({ sender, parameters, recipients, text: lines.map((one) => `${one}\n`).join('') })
        lines = undefined
        say('250 kept')
      }
    }
  })
}
