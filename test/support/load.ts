/**
 * A load of SMTP sessions that keeps account: which messages were acknowledged, which were not.
 *
 * Every message has a number of its own in its Subject and in every line of its body, so that a mailbox can be checked
 * afterwards: each acknowledged number there, each message whole.
 */
import { connect, type Socket } from 'node:net'

export interface Load {
  readonly host: string
  readonly port: number
  /** Sessions open at the same time. */
  readonly sessions: number
  readonly messages: number
  /** Size of each message as it is sent, in bytes; at least 200. */
  readonly sizeBytes: number
  /** Envelope recipient of message n. */
  readonly recipient: (n: number) => string
  /** Messages sent over one connection before QUIT; 1 by default. */
  readonly perConnection?: number
  /** Called after each acknowledgement. */
  readonly acknowledged?: (n: number) => void
}

/** What became of the messages. A message with neither reply was cut off by a lost connection. */
export interface Account {
  readonly acknowledged: ReadonlySet<number>
  /** Messages answered 4xx or cut off, and sent again until a reply said yes. */
  readonly attemptsFailed: number
  /** Of these, messages whose final dot was sent and whose reply never came: they may have been taken. */
  readonly uncertain: number
}

/** The bytes of message n, CRLF line ends, without the final dot. */
export function messageText(n: number, sizeBytes: number): string {
  const head = `Subject: message ${n}.\r\nFrom: <load@load.example>\r\n\r\n`
  const line = `${`line of message ${n}. `.padEnd(70, '-')}\r\n`
  const lines = Math.max(1, Math.floor((sizeBytes - head.length) / line.length))
  return head + line.repeat(lines)
}

/** The number of a stored message, or undefined if it is not one of ours or not whole. */
export function numberOfWhole(stored: string, sizeBytes: number): number | undefined {
  const match = /^Subject: message (\d+)\.$/m.exec(stored)
  if (match === null) return undefined
  const n = Number(match[1])
  return stored.endsWith(messageText(n, sizeBytes).replaceAll('\r\n', '\n')) ? n : undefined
}

/** Send every message until each is acknowledged or the connection is refused for good (`giveUp` says yes). */
export async function runLoad(load: Load, giveUp: () => boolean = () => false): Promise<Account> {
  const acknowledged = new Set<number>()
  const waiting = Array.from({ length: load.messages }, (_, n) => n)
  let attemptsFailed = 0
  let uncertain = 0
  const session = async (): Promise<void> => {
    while (waiting.length > 0 && !giveUp()) {
      const batch = waiting.splice(0, load.perConnection ?? 1)
      const left = new Set(batch)
      try {
        await sendBatch(load, batch, (n) => {
          left.delete(n)
          acknowledged.add(n)
          load.acknowledged?.(n)
        })
      } catch (error) {
        if (error instanceof ReplyMissing) uncertain += 1
        await new Promise((resolve) => setTimeout(resolve, 20)) // the server is being restarted
      }
      attemptsFailed += left.size
      waiting.push(...left)
    }
  }
  await Promise.all(Array.from({ length: load.sessions }, session))
  return { acknowledged, attemptsFailed, uncertain }
}

/** One connection. Resolves after QUIT; rejects if the connection is lost or a reply is not the one hoped for. */
function sendBatch(load: Load, batch: readonly number[], acknowledge: (n: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: load.host, port: load.port })
    const dialogue = batch.flatMap((n): Step[] => [
      { say: `MAIL FROM:<load@load.example>\r\n`, hope: '250' },
      { say: `RCPT TO:<${load.recipient(n)}>\r\n`, hope: '250' },
      { say: 'DATA\r\n', hope: '354' },
      { say: `${messageText(n, load.sizeBytes)}.\r\n`, hope: '250', done: () => acknowledge(n) },
    ])
    const steps: Step[] = [{ hope: '220' }, { say: 'HELO load.example\r\n', hope: '250' }, ...dialogue, { say: 'QUIT\r\n', hope: '221' }]
    let next = 0
    let text = ''
    socket.setEncoding('latin1')
    socket.setNoDelay(true)
    socket.on('data', (piece: string) => {
      text += piece
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const line = text.slice(0, end)
        text = text.slice(end + 1)
        if (line[3] === '-') continue
        const step = steps[next]
        if (step === undefined || !line.startsWith(step.hope)) {
          socket.destroy(new Error(`reply ${line}`))
          return
        }
        step.done?.()
        next += 1
        const say = steps[next]?.say
        if (say !== undefined) socket.write(say, 'latin1')
      }
    })
    const lost = (): void => reject(steps[next]?.done === undefined ? new Error('connection lost') : new ReplyMissing())
    socket.on('error', lost)
    socket.on('close', () => (next === steps.length ? resolve() : lost()))
  })
}

/** The connection was lost between the final dot and its reply. */
class ReplyMissing extends Error {}

interface Step {
  readonly say?: string
  /** How the reply to it begins. */
  readonly hope: string
  readonly done?: () => void
}
