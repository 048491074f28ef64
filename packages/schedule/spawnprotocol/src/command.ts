/**
 * The commands by which send asks for deliveries, as bytes (spec §2.4.1).
 *
 * rspawn gets a fourth field, the facts of the delivery, where start has told both sides so (factsToo).
 * Memory  of the command under way, fields of at most `spawnFieldBytes`
 */
import { type Facts, factsText, knownFacts } from '@yabumi/facts'
import { spawnFieldBytes } from '@yabumi/limits'
import { NumberReader, type NumberWidth, writeNumber } from './numbers.ts'

/** One delivery that send asks for. Strings are byte strings. */
export interface Command {
  /** Number of the delivery, 0 to 255, or to 65535 where numbers are wide; in use until its report. */
  readonly delivery: number
  /** Path of the message relative to queue/mess, `7/457`. */
  readonly message: string
  readonly sender: string
  readonly recipient: string
  /** It has one of the last slots: to be given back if its network has others (report.ts). A program of qmail's does not notice. */
  readonly newcomer?: boolean
  /** Of the message and of its recipient, as of the only one; where both sides know them. */
  readonly facts?: Facts
}

/** The argument by which start tells send and rspawn that the other one is ours: commands have facts. No program of qmail's looks at it. */
export const factsToo = '--facts'

/** How a newcomer is marked: the path of its message has its slash twice, and names the same file. */
const slash = '/'
const doubled = '//'
const newcomerPath = /^[0-9]+\/\/[0-9]+$/

/** The wire form: delivery number, then message, sender, recipient and, if there are any, facts, each ended by NUL. */
export function encodeCommand(command: Command, width: NumberWidth = 1): Buffer {
  const message = command.newcomer === true ? command.message.replace(slash, doubled) : command.message
  const facts = command.facts === undefined ? '' : `${factsText(command.facts)}\0`
  const text = Buffer.from(`${' '.repeat(width)}${message}\0${command.sender}\0${command.recipient}\0${facts}`, 'latin1')
  writeNumber(text, command.delivery, width)
  return text
}

/**
 * Finds the commands in a stream that arrives in arbitrary pieces.
 *
 * Every byte is looked at once, however the stream is cut; what a command holds is kept until its end.
 */
export class CommandDecoder {
  /** Of the command under way. */
  readonly #delivery: NumberReader
  readonly #fieldCount: 3 | 4
  #fields: string[] = []
  #field = ''

  /** @param hasFacts - whether there is a fourth field */
  constructor(width: NumberWidth = 1, hasFacts = false) {
    this.#delivery = new NumberReader(width)
    this.#fieldCount = hasFacts ? 4 : 3
  }

  /** The commands that these bytes complete. @throws Error if a field is longer than any that send writes: there is no sense in the rest */
  push(bytes: Buffer): Command[] {
    const commands: Command[] = []
    let at = 0
    while (at < bytes.length) {
      if (!this.#delivery.isWhole) {
        this.#delivery.take(bytes[at] as number)
        at += 1
        continue
      }
      const end = bytes.indexOf(0, at)
      this.#field += bytes.toString('latin1', at, end < 0 ? bytes.length : end)
      if (this.#field.length > spawnFieldBytes) throw new Error('command is too long')
      if (end < 0) break
      at = end + 1
      const command = this.#endField()
      if (command !== undefined) commands.push(command)
    }
    return commands
  }

  #endField(): Command | undefined {
    this.#fields.push(this.#field)
    this.#field = ''
    if (this.#fields.length < this.#fieldCount) return undefined
    const [path, sender, recipient, facts] = this.#fields as [string, string, string, string?]
    const newcomer = newcomerPath.test(path)
    const command = {
      delivery: this.#delivery.value,
      message: newcomer ? path.replace(doubled, slash) : path,
      sender,
      recipient,
      ...(newcomer ? { newcomer } : {}),
      ...(facts === undefined ? {} : { facts: knownFacts(facts) }),
    }
    this.#delivery.clear()
    this.#fields = []
    return command
  }
}
