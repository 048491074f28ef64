/** Maildirs for tests: made with some files, removed at the end. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { MailAccount, type Mailbox } from '../src/index.ts'

export interface TestMaildir {
  readonly path: string
  account: MailAccount
  /** INBOX, up to date. */
  inbox(): Promise<Mailbox>
  /** End the account, and begin anew. */
  reopen(): void
  put(name: string, text: string, seconds?: number): void
  /** Names in a directory, sorted. */
  ls(directory: string): string[]
  cat(file: string): string
}

/** A Maildir with these files. */
export function maildir(files: Readonly<Record<string, string>> = {}): TestMaildir {
  const path = mkdtempSync(join(tmpdir(), 'yabumi-mailfolder-'))
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(path, part))
  const put = (name: string, text: string, seconds?: number): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text, 'latin1')
    if (seconds !== undefined) utimesSync(join(path, name), seconds, seconds)
  }
  for (const [name, text] of Object.entries(files)) put(name, text)
  const made: TestMaildir = {
    path,
    account: new MailAccount(path),
    put,
    inbox: async () => {
      const mailbox = made.account.open('INBOX')
      await mailbox.sync()
      return mailbox
    },
    reopen: () => {
      made.account.end()
      made.account = new MailAccount(path)
    },
    ls: (directory) => readdirSync(join(path, directory), 'latin1').sort(),
    cat: (file) => readFileSync(join(path, file), 'latin1'),
  }
  t.teardown(() => {
    made.account.end()
    rmSync(path, { recursive: true })
  })
  return made
}

/** UIDs with their flags. */
export function flagsOf(mailbox: Mailbox): string[] {
  return Array.from(mailbox.uids(), (uid) => `${uid} ${mailbox.flagText(uid)}`.trim())
}
