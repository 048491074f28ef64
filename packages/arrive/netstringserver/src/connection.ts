/**
 * One connection whose client speaks in netstrings, on descriptors 0 and 1 (spec §5.2, §5.3).
 *
 * Answers are gathered and sent together before the program waits for more input. Nothing is written to descriptor 2.
 * Exit codes are qmail's:
 *
 * - 0 when the client has closed, in the middle of something or not
 * - 100 when it does not speak the protocol, without the answers that it had not asked to see yet
 * - 111 for trouble of ours, for what nobody would send, and for a connection that takes too long
 */
import { Output, piecesOf } from '@yabumi/descriptor'
import { netstringConnectionSeconds } from '@yabumi/limits'
import { NetstringReader, NetstringTrouble } from '@yabumi/netstring'

/** Say something to the client: a byte string. */
export type Answer = (text: string) => void

const exitCodes = { ended: 0, malformed: 100, long: 111 } as const

/** Serve the connection. Ends the process. @param converse - its end, with or without an error, ends the connection */
export function serveNetstrings(converse: (requests: NetstringReader, answer: Answer) => Promise<void>): void {
  setTimeout(() => process.exit(111), netstringConnectionSeconds * 1000)
  process.on('SIGALRM', () => process.exit(111))
  void serve(converse).then(
    () => process.exit(0),
    (error: unknown) => process.exit(error instanceof NetstringTrouble ? exitCodes[error.kind] : 111),
  )
}

async function serve(converse: (requests: NetstringReader, answer: Answer) => Promise<void>): Promise<void> {
  const output = new Output({ receive() {}, inputEnded() {}, lost: () => process.exit(0) })
  let answers = ''
  const send = async (): Promise<void> => {
    const text = answers
    answers = ''
    if (text !== '' && !output.send(text)) await output.drained()
  }
  await converse(new NetstringReader(piecesAfter(send)), (text) => {
    answers += text
  })
  await send()
  await new Promise<void>((resolve) => output.end(resolve))
}

/** As much at a time as the reference programs read, so that a file with garbage in it has the same effect. */
const filePieceBytes = 512

/** The input; whatever must be done before each wait for it is done. A connection that breaks has ended. */
async function* piecesAfter(done: () => Promise<void>): AsyncGenerator<Buffer, void> {
  await done()
  try {
    for await (const piece of piecesOf(0, filePieceBytes)) {
      yield piece
      await done()
    }
  } catch {
    return
  }
}
