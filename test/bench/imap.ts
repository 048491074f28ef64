/** The two IMAP servers of a row, on equal Maildirs of the same accounts. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { below } from '../support/processes.ts'
import { until } from '../support/wait.ts'
import type { Account } from './accounts.ts'
import { dovecotImapMissing, dovecotMaildir, startDovecotImap } from './dovecotimap.ts'
import { type Doors, ImapClient } from './imapclient.ts'
import { makeMail } from './imapmail.ts'
import { withHome } from './ownrows.ts'
import { Skip } from './rows.ts'
import type { Shared } from './shared.ts'

export const password = 'secret'

export interface ImapSide {
  readonly name: 'yabumi' | 'dovecot'
  readonly doors: Doors
  /** The process that everything of it is below. */
  readonly pid: number
  /** Name of the Maildir below an account's home directory. */
  readonly maildir: string
  /** Let go of all mailboxes, and forget what was kept of this one. */
  forget(account: Account): Promise<void>
}

/** Start both, give accounts equal mail and the password, run `work`, stop both. */
export async function withImap<T>(
  shared: Shared,
  name: string,
  accounts: readonly Account[],
  messages: number,
  work: (sides: readonly [ImapSide, ImapSide]) => Promise<T>,
): Promise<T> {
  const missing = dovecotImapMissing()
  if (missing !== undefined) throw new Skip(missing)
  const lines = accounts.map((account) => `${account.name}:${password}\n`).join('')
  await until('the accounts have passwords', async () => !(await execa('chpasswd', { input: lines, reject: false })).failed) // others may hold the lock
  const prepare = (): undefined => undefined
  const both = async (yabumi: Parameters<Parameters<typeof withHome>[4]>[0]): Promise<T> => {
    for (const account of accounts) {
      await execa(join(yabumi.home, 'bin/setpassword'), [account.name], { env: yabumi.environment, input: `${password}\n` })
      for (const maildir of [yabumi.maildir, dovecotMaildir]) {
        rmSync(join(account.home, maildir), { recursive: true, force: true })
        makeMail(join(account.home, maildir), messages)
        await execa('chown', ['-R', `${account.uid}:${account.gid}`, join(account.home, maildir)])
      }
    }
    const dovecot = await startDovecotImap(join(shared.directory, name, 'dovecot'), join(yabumi.home, 'control/servercert.pem'))
    try {
      const sides = [ours(yabumi), theirs(dovecot)] as const
      for (const side of sides) await until(`${side.name} answers`, () => answers(side, accounts))
      return await work(sides)
    } finally {
      await dovecot.stop()
    }
  }
  try {
    return await withHome(shared, name, {}, prepare, both, true)
  } finally {
    for (const account of accounts) rmSync(join(account.home, dovecotMaildir), { recursive: true, force: true })
  }
}

function ours({ imap, pid, maildir }: Parameters<Parameters<typeof withHome>[4]>[0]): ImapSide {
  return {
    name: 'yabumi',
    doors: imap,
    pid,
    maildir,
    async forget({ home }) {
      const workers = (): number[] => below(pid).flatMap(({ pid: worker, program }) => (program === 'imap' ? [worker] : []))
      for (const worker of workers()) process.kill(worker, 'SIGTERM')
      await until('the workers have gone', () => workers().length === 0)
      forgetFiles(join(home, maildir))
    },
  }
}

function theirs({ pid, ...doors }: Doors & { readonly pid: number }): ImapSide {
  return {
    name: 'dovecot',
    doors,
    pid,
    maildir: dovecotMaildir,
    forget: async ({ home }) => forgetFiles(join(home, dovecotMaildir)),
  }
}

/** What servers keep of INBOX besides the messages. */
function forgetFiles(maildir: string): void {
  const names = [
    'dovecot.index',
    'dovecot.index.log',
    'dovecot.index.log.2',
    'dovecot.index.cache',
    'dovecot.list.index',
    'dovecot-uidlist',
  ]
  for (const name of [...names, 'dovecot.list.index.log', 'yabumi-imap']) rmSync(join(maildir, name), { recursive: true, force: true })
}

async function answers({ doors }: ImapSide, [account]: readonly Account[]): Promise<boolean> {
  try {
    const client = await ImapClient.logIn(doors, false, account?.name ?? '', password)
    await client.logOut()
    return true
  } catch {
    return false
  }
}
