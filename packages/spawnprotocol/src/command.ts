/** One delivery that send asks for. Strings are byte strings. */
export interface Command {
  /** Number of the delivery, 0 to 255; in use until its report. */
  readonly delivery: number
  /** Path of the message relative to queue/mess, `7/457`. */
  readonly message: string
  readonly sender: string
  readonly recipient: string
}

export function encodeCommand(command: Command): Buffer {
  const text = Buffer.from(` ${command.message}\0${command.sender}\0${command.recipient}\0`, 'latin1')
  text[0] = command.delivery
  return text
}

/** Finds the commands in a stream that arrives in arbitrary pieces. */
export class CommandDecoder {
  #rest: Buffer = Buffer.alloc(0)

  /** The commands that these bytes complete. */
  push(bytes: Buffer): Command[] {
    const input = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const commands: Command[] = []
    let start = 0
    for (;;) {
      const first = input.indexOf(0, start + 1)
      const second = first < 0 ? -1 : input.indexOf(0, first + 1)
      const third = second < 0 ? -1 : input.indexOf(0, second + 1)
      if (third < 0) break
      commands.push({
        delivery: input[start] as number,
        message: input.toString('latin1', start + 1, first),
        sender: input.toString('latin1', first + 1, second),
        recipient: input.toString('latin1', second + 1, third),
      })
      start = third + 1
    }
    this.#rest = input.subarray(start)
    return commands
  }
}
