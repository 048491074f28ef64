/**
 * The states of a session. In `commands`, `message` and `chunk` the client has the word; in the others it waits, or has
 * gone.
 *
 * What each event means in each state is a table in test/states.ts.
 */
import type { Chunk } from './chunk.ts'
import type { Message } from './message.ts'

interface ReadingCommands {
  readonly name: 'commands'
}

export interface ReadingMessage {
  readonly name: 'message'
  readonly message: Message
}

/** The message of a chunk is the dialogue's, as more chunks may follow. */
export interface ReadingChunk {
  readonly name: 'chunk'
  readonly chunk: Chunk
}

/** The client's next line is a command, or one of its message; or its next bytes are a chunk's. */
export type Reading = ReadingCommands | ReadingMessage | ReadingChunk

/**
 * Nothing is read, and `next` is what comes after:
 *
 * - `greeting`, `tarpit`: the client is to wait, for our first word or for a reply
 * - `asking`: the DNS or a program has the word about a command, or the client's name is still looked up
 * - `full`: queue takes no more of the message at present
 * - `judging`: queue has all of the message; its answer is the reply
 * - `handshake`: TLS begins
 * - `unread`: the client does not read what it is told
 */
export interface Waiting {
  readonly name: 'greeting' | 'tarpit' | 'asking' | 'full' | 'judging' | 'handshake' | 'unread'
  readonly next: Reading
  /** Ends the wait, where a time does. */
  readonly timer?: NodeJS.Timeout
}

/** Nothing is read any more; what is left to send is on its way. */
interface Over {
  readonly name: 'over'
}

export type State = Reading | Waiting | Over

export const commands: ReadingCommands = { name: 'commands' }
export const over: Over = { name: 'over' }

/** Whether the client has the word. */
export function isReading(state: State): state is Reading {
  return state.name === 'commands' || state.name === 'message' || state.name === 'chunk'
}

/** The message whose final dot has not come. From then on it is queue's: its fate must not depend on who hears of it. */
export function unfinished(state: State): Message | undefined {
  const reading = 'next' in state ? state.next : state
  return reading.name === 'message' ? reading.message : undefined
}
