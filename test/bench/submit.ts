/** One message to many recipients, by SMTP with pipelining: what smtp-source cannot do. RFC 2920. */
import { once } from 'node:events'
import { connect } from 'node:net'

/** Resolves when the message is accepted. Recipients are sent a hundred at a time. */
export async function submit(port: number, recipients: readonly string[], text: string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  let replies = 0
  let refusal: string | undefined
  let rest = ''
  socket.setEncoding('latin1').on('data', (bytes: string) => {
    const lines = (rest + bytes).split('\r\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (/^[45]/.test(line)) refusal ??= line
      if (line[3] !== '-') replies += 1
    }
  })
  const answered = async (count: number): Promise<void> => {
    while (replies < count && refusal === undefined) await once(socket, 'data')
    if (refusal !== undefined) throw new Error(`refused: ${refusal}`)
  }
  await answered(1)
  socket.write('EHLO load.example\r\n')
  await answered(2)
  socket.write('MAIL FROM:<load@load.example>\r\n')
  await answered(3)
  for (let at = 0; at < recipients.length; at += 100) {
    const some = recipients.slice(at, at + 100)
    socket.write(some.map((recipient) => `RCPT TO:<${recipient}>\r\n`).join(''))
    await answered(3 + at + some.length)
  }
  socket.write('DATA\r\n')
  await answered(4 + recipients.length)
  socket.write(`${text}\r\n.\r\n`)
  await answered(5 + recipients.length)
  socket.end('QUIT\r\n')
}
