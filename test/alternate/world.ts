/** One home, its users' Maildirs, and two servers that serve them at once: Dovecot and ours. */
import { chownSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startDovecotImap } from '../support/dovecot.ts'
import { amRoot, type Cleaner, ScratchHome, userAccount } from '../support/home.ts'
import { ImapClient } from '../support/imapclient.ts'
import { giveAccounts, Logins } from '../support/logins.ts'

const password = 'pass'

/** One of the two servers. */
export interface Side {
  readonly name: 'Dovecot' | 'yabumi'
  readonly port: number
}

export class World {
  readonly home: ScratchHome
  readonly sides: readonly [Side, Side]
  readonly logins: Logins

  private constructor(home: ScratchHome, sides: readonly [Side, Side], logins: Logins) {
    this.home = home
    this.sides = sides
    this.logins = logins
  }

  /** Start both. They are ended with the test. */
  static async start(cleaner: Cleaner, ...users: string[]): Promise<World> {
    const home = await ScratchHome.make(cleaner, ...users)
    if (amRoot) giveAccounts(home)
    for (const user of users) await home.run('setpassword', [user], { input: `${password}\n` })
    const logins = await Logins.start(cleaner, home, { front: 'imapd' })
    const dovecot = await startDovecotImap(cleaner, home, password)
    return new World(
      home,
      [
        { name: 'Dovecot', port: dovecot },
        { name: 'yabumi', port: logins.port },
      ],
      logins,
    )
  }

  /** A session that has logged in. */
  async logIn({ port }: Side, user: string): Promise<ImapClient> {
    const client = await ImapClient.open(port)
    await client.must(`LOGIN ${user} ${password}`)
    return client
  }

  maildir(user: string): string {
    return join(this.home.userHome(user), 'Maildir')
  }

  /** UIDs that Dovecot's log says it has replaced, because a look at the directory did not show their files. */
  renumberedByDovecot(): Set<number> {
    const log = readFileSync(join(this.home.root, 'dovecot/log'), 'latin1')
    return new Set([...log.matchAll(/reappeared, giving a new UID \(old uid=(\d+)/g)].map(([, uid]) => Number(uid)))
  }

  /** Deliver as any program does: into tmp/, then new/. */
  deliver(user: string, name: string, message: string): void {
    const [from, to] = ['tmp', 'new'].map((part) => join(this.maildir(user), part, name)) as [string, string]
    writeFileSync(from, message)
    chownSync(from, userAccount.uid, userAccount.gid)
    renameSync(from, to)
  }
}

/** A message that says which it is. @param lineEnd - LF on the disk, CRLF to a server */
export function messageOf(id: string, lineEnd: '\n' | '\r\n'): string {
  return ['From: a@b.example', `Subject: message ${id}`, `X-Id: ${id}`, '', `body of ${id}`, ''].join(lineEnd)
}
