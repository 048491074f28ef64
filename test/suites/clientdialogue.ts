/**
 * Kind dialogue, side client: a server that answers oddly, before our program that sends mail.
 *
 * It is run twice. Where TLS is demanded no message may arrive; where it is not, none or one, and that whole. What is said
 * in clear before TLS is refused is EHLO, HELO, STARTTLS and QUIT. The program ends with a report each time.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Case, Outcome } from './suite.ts'

/** What the server says in place of the usual. */
interface Server {
  readonly greeting?: string
  readonly ehlo?: readonly string[]
  readonly ehlo_reply?: string
  readonly helo_reply?: string
  readonly starttls?: string
}

const known = new Set(['greeting', 'ehlo', 'ehlo_reply', 'helo_reply', 'starttls'])
const program = join(import.meta.dirname, '../../bin/remote')
const message = 'Subject: test\n\nwhole\n'

/** A case whose server does what nobody knows here is skipped. */
export async function clientDialogue({ input }: Case): Promise<Outcome> {
  const { protocol, server } = input as { protocol: string; server: Server }
  const unknown = Object.keys(server).find((key) => !known.has(key))
  if (protocol !== 'smtp') return { skipped: `nothing sends mail by ${protocol}` }
  if (unknown !== undefined) return { skipped: `no server does ${unknown}` }
  const strict = await attempt(server, 'encrypt')
  if (strict.messages.length > 0) return 'a message went out without the TLS that is demanded'
  const early = strict.commands.find((command) => !/^(?:EHLO|HELO|STARTTLS|QUIT)\b/i.test(command))
  if (early !== undefined) return `${early} is said in clear`
  const relaxed = await attempt(server, 'may')
  if (relaxed.messages.length > 1 || relaxed.messages.some((each) => each !== message))
    return `these arrived: ${JSON.stringify(relaxed.messages)}`
  const odd = [strict, relaxed].find(({ report }) => !/^[KZDrhs][^\0]*\0/.test(report))
  return odd === undefined ? undefined : `no report: ${JSON.stringify(odd.report)}`
}

interface Seen {
  readonly messages: string[]
  readonly commands: string[]
  readonly report: string
}

async function attempt(manners: Server, level: string): Promise<Seen> {
  const messages: string[] = []
  const commands: string[] = []
  const server = createServer((socket) => talk(socket, manners, messages, commands))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  const home = mkdtempSync(join(tmpdir(), 'yabumi-dialogue-'))
  try {
    mkdirSync(join(home, 'control'))
    mkdirSync(join(home, 'queue/lock'), { recursive: true })
    writeFileSync(join(home, 'queue/lock/tcpto'), Buffer.alloc(1024))
    const port = typeof address === 'object' ? address?.port : undefined
    const files = { me: 'test.example', smtproutes: `:127.0.0.1:${port}`, tlspolicy: `:${level}`, timeoutremote: '20' }
    for (const [name, line] of Object.entries(files)) writeFileSync(join(home, 'control', name), `${line}\n`)
    const child = spawn(program, ['h.example', 's@x.example', 'r@h.example'], { env: { ...process.env, YABUMI_HOME: home } })
    child.stdin.end(message)
    const [report] = await Promise.all([text(child.stdout), once(child, 'close')])
    return { messages, commands, report }
  } finally {
    rmSync(home, { recursive: true })
    server.close()
  }
}

function talk(socket: Socket, manners: Server, messages: string[], commands: string[]): void {
  let body: string | undefined
  let input = ''
  let isOver = false // it has promised TLS, which it does not have
  const say = (reply: string): void => void socket.write(`${reply}\r\n`, 'latin1')
  const hello = ['host', ...(manners.ehlo ?? [])].map((word, i, all) => `250${i < all.length - 1 ? '-' : ' '}${word}`).join('\r\n')
  const answers: readonly (readonly [command: RegExp, reply: string])[] = [
    [/^EHLO\b/i, manners.ehlo_reply ?? hello],
    [/^HELO\b/i, manners.helo_reply ?? '250 host'],
    [/^STARTTLS\b/i, manners.starttls ?? '502 no'],
    [/^DATA\b/i, '354 go'],
    [/^QUIT\b/i, '221 bye'],
  ]
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes) => {
    if (isOver) return void socket.destroy()
    input += bytes.toString('latin1')
    for (let end = input.indexOf('\r\n'); end >= 0; end = input.indexOf('\r\n')) {
      const line = input.slice(0, end)
      input = input.slice(end + 2)
      if (body === undefined) {
        commands.push(line)
        say(answers.find(([command]) => command.test(line))?.[1] ?? '250 ok')
        if (/^DATA\b/i.test(line)) body = ''
        isOver ||= /^STARTTLS\b/i.test(line) && /^220/.test(manners.starttls ?? '')
      } else if (line === '.') {
        messages.push(body)
        body = undefined
        say('250 taken')
      } else body += `${line}\n`
    }
  })
  say(manners.greeting ?? '220 host')
}
