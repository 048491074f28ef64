/**
 * Commands to clean (spec §2.3): `foop/N` and `todo/N`, each ended by NUL, in a stream that may be cut anywhere. There
 * is also our own `spare/N`, for a message that never had an info/N.
 */
import type { MessageId } from '@yabumi/queuedir'

/** What to remove for message `id`; or nonsense, which is answered and otherwise passed over. */
export type Command = { readonly verb: 'foop' | 'todo' | 'spare'; readonly id: MessageId } | 'nonsense'

const shortest = 7 // bytes, with the NUL
const longest = 100

/** Takes the stream apart. However long a command gets, no more than the longest is kept. */
export class CommandReader {
  #begun: Buffer = Buffer.alloc(0)

  /** The commands that are complete now, in order. */
  read(chunk: Buffer): Command[] {
    const commands: Command[] = []
    let start = 0
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, start)) {
      commands.push(parse(Buffer.concat([this.#begun, chunk.subarray(start, end + 1)])))
      this.#begun = Buffer.alloc(0)
      start = end + 1
    }
    if (start < chunk.length && this.#begun.length <= longest) {
      this.#begun = Buffer.concat([this.#begun, chunk.subarray(start, start + longest + 1)])
    }
    return commands
  }
}

function parse(bytes: Buffer): Command {
  if (bytes.length < shortest || bytes.length > longest) return 'nonsense'
  const match = /^(?:(foop|spare)\/|(todo).)([0-9]+)\0$/s.exec(bytes.toString('latin1'))
  if (match === null) return 'nonsense'
  const id = BigInt.asUintN(64, BigInt(match[3] as string)).toString() // as an unsigned long, without leading zeros
  return { verb: (match[1] ?? 'todo') as 'foop' | 'todo' | 'spare', id }
}
