/** Two clients at once on one mailbox: mbsync copies both ways while imapflow moves, deletes, flags and adds. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { missing } from '../support/programs.ts'
import { maildirHeld } from './support/imap/client.ts'
import { atFirst, ImapHost, letter } from './support/imap/host.ts'
import { openFlow } from './support/imap/libraries.ts'
import { mbsync, writeSettings } from './support/imap/sync.ts'
import { runPeer } from './support/peer.ts'

const user = 'together'
const messages = 30
const name = (n: number): string => `m${String(n).padStart(2, '0')}`

t.test(
  'mbsync copies both ways while imapflow changes the same mailbox: nothing is lost, nothing is there twice',
  {
    skip: missing('mbsync'),
  },
  async (t) => {
    const host = await ImapHost.start(t, user)
    for (let n = 0; n < messages; n += 1) await host.add(user, 'INBOX', name(n))
    const directory = join(host.home.root, 'at')
    mkdirSync(join(directory, 'Mail'), { recursive: true })
    const account = host.account(user, false)
    writeSettings({ host, user, account, directory }, mbsync)
    const inbox = join(directory, 'Mail/INBOX')
    const synced = (): Promise<string> => runPeer(directory, 'mbsync', ['-a'])
    await synced()

    const flow = await openFlow(account)
    await flow.mailboxOpen('INBOX')
    const uidOf = async (each: string): Promise<string> => {
      const found = await flow.search({ header: { 'message-id': `<${each}@letters.example>` } }, { uid: true })
      return String(found || '')
    }
    let isDone = false
    const changes = async (): Promise<void> => {
      for (let n = 0; n < messages; n += 1) {
        const uid = await uidOf(name(n))
        if (n % 3 === 0) await flow.messageMove(uid, 'Work', { uid: true })
        else if (n % 3 === 1) await flow.messageDelete(uid, { uid: true })
        else await flow.messageFlagsAdd(uid, ['\\Flagged'], { uid: true })
        if (n % 10 === 0) await flow.append('INBOX', letter(`far${n}`).replaceAll('\n', '\r\n'), ['\\Seen'])
      }
      isDone = true
    }
    let runs = 0
    const copies = async (): Promise<void> => {
      for (; !isDone; runs += 1) {
        writeFileSync(join(inbox, `cur/1000000000.near${runs}.client:2,S`), letter(`near${runs}`))
        await synced()
      }
    }
    await Promise.all([changes(), copies()])
    await flow.logout()
    for (let again = 0; again < 2; again += 1) await synced() // what changed during the last run

    const numbers = Array.from({ length: messages }, (_, n) => n)
    const far = numbers.filter((n) => n % 10 === 0).map((n) => `far${n} \\Seen`)
    const near = Array.from({ length: runs }, (_, n) => `near${n} \\Seen`)
    const flagged = numbers.filter((n) => n % 3 === 2).map((n) => `${name(n)} \\Flagged`)
    const moved = numbers.filter((n) => n % 3 === 0).map(name)
    const held = await host.held(user)
    t.ok(runs > 0, `${runs} runs of mbsync meanwhile`)
    t.same(held['INBOX'], [...(atFirst['INBOX'] ?? []), ...far, ...near, ...flagged].sort())
    t.same(held['Work'], [...(atFirst['Work'] ?? []), ...moved].sort())
    t.same(maildirHeld(inbox), held['INBOX'], 'the copy of mbsync is the same')
    t.same(maildirHeld(join(directory, 'Mail/Work')), held['Work'])
  },
)
