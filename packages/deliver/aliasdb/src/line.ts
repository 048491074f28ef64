/** What a line of a dotfile that runs aliasforward does with an address, for those who tell it beforehand. */
import { UsageTrouble } from '@yabumi/commandline'
import { type Handling, handlingOf } from './expand.ts'
import { parseRequest } from './request.ts'

/** Words that mean to a shell what they say. */
const plainLine = /^aliasforward(?: +[-\w./]+)+ *$/

/** An address as local knows it. Byte strings. */
export interface Addressed {
  readonly recipient: string
  readonly host: string
  readonly extension: string
  /** What the `default` in the dotfile's name stands for; undefined if there is none. */
  readonly matched: string | undefined
}

export interface Aliases {
  readonly database: string
  /** undefined if the database does not have the address. */
  readonly handling: Handling | undefined
  /** Whether an address that it does not have is left to the next line; else it is `no mailbox here by that name`. */
  readonly passesOn: boolean
}

/**
 * The working directory is the user's home.
 *
 * @param command - of a line, as a byte string
 * @returns undefined for every other command, and for one that is used wrongly: what they would do nobody can tell
 * @throws Trouble 4.3.0 if the delivery would be deferred
 */
export function aliasesOf(command: string, { recipient, host, extension, matched }: Addressed): Aliases | undefined {
  if (!plainLine.test(command)) return undefined
  const environment = new Map([
    ['RECIPIENT', recipient],
    ['HOST', host],
    ['EXT', extension],
  ])
  if (matched !== undefined) environment.set('DEFAULT', matched)
  try {
    const [name = '', ...args] = command.trim().split(/ +/)
    const request = parseRequest(name, args, environment)
    return { database: request.database, handling: handlingOf(request.recipient, request.database), passesOn: request.passesOn }
  } catch (error) {
    if (error instanceof UsageTrouble) return undefined
    throw error
  }
}
