/**
 * qmqpc: hand a message to another host's qmqpd, in place of queue. README.md is the manual page.
 *
 * In      descriptor 0: the message; descriptor 1: its envelope
 * Out     one QMQP connection; exit 0 only once the other host has said that the message is queued there
 * Crash   leaves nothing here; the other host takes a request whole or not at all
 */
import { enterHome } from '@yabumi/home'
import { codeOf, exitCode, step } from './exitcode.ts'
import { type Message, readEnvelope, readMessage } from './input.ts'
import { submit } from './server.ts'
import { readServers } from './servers.ts'

async function qmqpc(): Promise<number> {
  step(exitCode.home, () => enterHome())
  const servers = step(exitCode.controls, readServers)
  const request = wrap(await readMessage(), await readEnvelope())
  let answer: number = exitCode.controls
  for (const server of servers) {
    const outcome = await submit(server, request)
    if (outcome.connected) return outcome.code
    answer = outcome.code
  }
  return answer
}

/** One netstring around the message's and those of the addresses. */
function wrap({ pieces, length }: Message, addresses: string): (string | Buffer)[] {
  const total = `${length}:`.length + length + ','.length + addresses.length
  return [`${total}:${length}:`, ...pieces, `,${addresses},`]
}

process.exitCode = exitCode.bug // should the event loop have nothing to wait for before that
void qmqpc().then(
  (code) => process.exit(code),
  (error: unknown) => process.exit(codeOf(error)),
)
