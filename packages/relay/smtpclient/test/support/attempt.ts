/** A message to a host whose session a test decides; the working directory becomes a home of its own. */
import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { type Facts, noFacts } from '@yabumi/facts'
import type { Test } from 'tap'
import { type HostConnection, type Session, startHost } from '../../../../../test/support/host.ts'
import { currentSettings, deliver } from '../../src/index.ts'

export const text = 'Subject: test\n\nhello\n'
export const body = 'Subject: test\r\n\r\nhello\r\n.\r\n'
export const head = 'HELO test.example\r\nMAIL FROM:<s@x.example>\r\nRCPT TO:<r@h.example>\r\n'

export interface Attempt {
  readonly sender?: string
  readonly recipients?: readonly string[]
  readonly message?: string | Buffer
  readonly address?: string
  readonly facts?: Facts
}

export function makeHome(t: Test): void {
  process.chdir(t.testdir({ control: { me: 'test.example\n' } }))
  mkdirSync('queue/lock', { recursive: true })
  writeFileSync('queue/lock/tcpto', Buffer.alloc(1024))
}

/** Deliver to a host with this session; @returns the reports, and what came over the wire */
export async function attempt(
  t: Test,
  session: Session,
  { sender = 's@x.example', recipients = ['r@h.example'], message = text, address = '127.0.0.1', facts = noFacts }: Attempt = {},
): Promise<{ reports: string[]; wires: string[] }> {
  const host = await startHost(session, address)
  t.teardown(() => host.close())
  writeFileSync('control/smtproutes', `:[${address}]:${host.port}\n`)
  writeFileSync('message', message, 'latin1')
  const reports = await deliver({ host: 'h.example', sender, recipients, facts, fd: openSync('message', 'r') }, currentSettings())
  await Promise.all(host.connections.map((connection) => connection.closed()))
  return { reports, wires: host.connections.map((connection) => connection.wire) }
}

/** What a host does, in order: say text, wait for a line or the message, end the connection. */
export type Step = { readonly say: string } | 'line' | 'message' | 'reset' | 'close'

/** A host that does just that, and then waits for the client to close. */
export function script(...steps: readonly Step[]): Session {
  return async (host: HostConnection) => {
    for (const step of steps) {
      if (step === 'line') await host.line()
      else if (step === 'message') await host.data()
      else if (step === 'reset') host.reset()
      else if (step === 'close') host.close()
      else host.say(Buffer.from(step.say, 'latin1'))
    }
    await host.closed()
  }
}

/** A host that greets, and then answers line by line, or the message after 354; then it only listens. */
export function answers(greeting: string, ...replies: readonly string[]): Session {
  const ended = (reply: string): string => (reply === '' || reply.endsWith('\n') ? reply : `${reply}\r\n`)
  const steps: Step[] = [{ say: ended(greeting) }]
  for (const [index, reply] of replies.entries()) {
    steps.push(/^354/m.test(replies[index - 1] ?? '') ? 'message' : 'line', { say: ended(reply) })
  }
  return script(...steps)
}

export const well = ['220 host', '250 hello', '250 sender', '250 recipient', '354 go', '250 taken'] as const

/** The usual answers, but for some: 0 the greeting, 1 HELO, 2 MAIL, 3 RCPT, 4 DATA, 5 the message. */
export function answersBut(at: number, reply: string): Session {
  const [greeting = '', ...replies] = well.map((usual, index) => (index === at ? reply : usual))
  return answers(greeting, ...replies)
}
