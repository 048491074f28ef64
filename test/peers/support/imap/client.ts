/** What a test knows of an IMAP client of others, and of one session of it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Account, ImapHost } from './host.ts'
import { messageLine } from './host.ts'

/** One session of a client. */
export interface Visit {
  readonly host: ImapHost
  /** Whose mail it reads. */
  readonly user: string
  readonly account: Account
  /** An empty directory, which is the client's HOME. */
  readonly directory: string
}

export interface ImapReader {
  /** Also the name of its user. */
  readonly name: string
  /** What the machine must have: programs, or undefined if it is a library of ours. */
  readonly needs: () => string | false
  /** The sessions that it is tested in. */
  readonly ways: readonly ('clear' | 'tls')[]
  /** What the session does, for the page: a sentence. */
  readonly deed: string
  /** What a person types, and where: the file's name is the first line. */
  settings(account: Account): string
  /** Do all that, and check it: what the client holds, and what the server holds. @throws if anything is wrong */
  session(visit: Visit): Promise<void>
}

const letters: Readonly<Record<string, string>> = { S: '\\Seen', F: '\\Flagged', R: '\\Answered', T: '\\Deleted', D: '\\Draft' }

/** What a Maildir of a client holds: a line a message, as the server's. */
export function maildirHeld(maildir: string): string[] {
  const messages = ['new', 'cur'].flatMap((part) => {
    const directory = join(maildir, part)
    if (!existsSync(directory)) throw new Error(`there is no ${directory}`)
    return readdirSync(directory).map((name) => {
      const flags = [...(/:2,([A-Z]*)/.exec(name)?.[1] ?? '')].flatMap((letter) => letters[letter] ?? [])
      return messageLine(readFileSync(join(directory, name), 'latin1'), flags)
    })
  })
  return messages.sort()
}

/** The file of a message in a Maildir of a client. */
export function maildirFile(maildir: string, name: string): string {
  for (const part of ['new', 'cur']) {
    for (const file of readdirSync(join(maildir, part))) {
      const path = join(maildir, part, file)
      if (readFileSync(path, 'latin1').includes(`<${name}@letters.example>`)) return path
    }
  }
  throw new Error(`${name} is not in ${maildir}`)
}
