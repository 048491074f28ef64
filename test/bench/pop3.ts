/** A POP3 client that reads a whole mailbox: log in, LIST, RETR of each message, QUIT. RFC 1939. */
import { once } from 'node:events'
import { connect } from 'node:net'

/** @returns how many messages it got, and how many bytes */
export async function readMailbox(port: number, user: string, password: string): Promise<{ messages: number; bytes: number }> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1').on('data', (bytes: string) => {
    text += bytes
  })
  const reply = async (end: string): Promise<string> => {
    while (!text.endsWith(end)) {
      if (end !== '\r\n' && text.startsWith('-')) break
      await once(socket, 'data')
    }
    const all = text
    text = ''
    if (!all.startsWith('+OK')) throw new Error(all.slice(0, 100))
    return all
  }
  const say = (command: string, end = '\r\n'): Promise<string> => {
    socket.write(`${command}\r\n`)
    return reply(end)
  }
  await reply('\r\n')
  await say(`USER ${user}`)
  await say(`PASS ${password}`)
  const messages = (await say('LIST', '\r\n.\r\n')).split('\r\n').length - 3
  let bytes = 0
  for (let number = 1; number <= messages; number += 1) bytes += (await say(`RETR ${number}`, '\r\n.\r\n')).length
  await say('QUIT')
  socket.destroy()
  return { messages, bytes }
}
