/** One session twice: one-shot on pipes, and over the network with a resident smtpd. Both must answer the same. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'
import { Resident } from './client.ts'
import { type ScratchHome, smtpd } from './home.ts'

/** Send everything at once. @returns all replies, without times and numbers, behind the greeting */
export async function bothWays(t: Test, home: ScratchHome, input: string, environment: Record<string, string> = {}): Promise<string> {
  const alone = await oneShot(home, input, environment)
  const server = new Resident(t, home, ['--no-ptr'], environment)
  const client = server.client(await server.ready())
  client.socket.end(Buffer.from(input, 'latin1'))
  const together = plain(await client.ending())
  t.equal(together, alone, 'resident as one-shot')
  await server.ends('SIGTERM')
  return alone.replace(/^220 .*\r\n/, '')
}

/** The same on pipes only. */
export async function oneShot(home: ScratchHome, input: string, environment: Record<string, string> = {}): Promise<string> {
  const child = spawn(smtpd, [], { env: home.environment(environment), stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1')
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(Buffer.from(input, 'latin1'))
  await once(child, 'close')
  return plain(said)
}

function plain(replies: string): string {
  return replies.replace(/250 ok [0-9]+ qp [0-9]+/g, '250 ok TIME qp N')
}

/** A session that names these recipients. */
export function naming(...recipients: string[]): string {
  return `MAIL FROM:<s@x.example>\r\n${recipients.map((recipient) => `RCPT TO:<${recipient}>\r\n`).join('')}QUIT\r\n`
}

/** The codes of replies to naming(), without those to MAIL and QUIT. */
export function codes(replies: string): number[] {
  return [...replies.matchAll(/^([0-9]{3}) /gm)].map(([, code]) => Number(code)).slice(1, -1)
}
