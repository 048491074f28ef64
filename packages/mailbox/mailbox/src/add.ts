/**
 * Add a mailbox, so that it works at once: home, password, table, domain.
 *
 * Synced  each before the next
 * Crash   leaves a mailbox that is added by doing it again; nobody else gets its uid
 */
import { complain, say } from '@yabumi/commandline'
import { Trouble } from '@yabumi/trouble'
import { isOurs, takeDomain } from './domain.ts'
import { lockMailboxes, replace } from './files.ts'
import { homeOf, makeHome, type Owner, ownerOfHome } from './homes.ts'
import { addressOf, type Name } from './names.ts'
import { runProgram } from './programs.ts'
import { shareAccount } from './shared.ts'
import { findMailbox, likeOne, readTable, tablePath, tableText } from './table.ts'
import { takeUid, wasGivenOut } from './uids.ts'

/**
 * @param takesDomain - mail for the domain is taken from now on, where it is not yet
 * @param account - whose the mailbox is, with others; undefined: it has a uid of its own
 */
export async function add(name: Name, takesDomain: boolean, account: string | undefined): Promise<void> {
  const address = addressOf(name)
  await lockMailboxes()
  const mailboxes = readTable()
  if (findMailbox(mailboxes, name) !== undefined) throw new Trouble('5.5.4', `the mailbox ${address} is there already`)
  const other = likeOne(mailboxes, name)
  if (other !== undefined)
    throw new Trouble(
      '5.5.4',
      `${address} cannot be told from ${addressOf(other.name)}, whose domain goes on like its name; choose another`,
    )
  if (!isOurs(name.domain) && !takesDomain)
    throw new Trouble('5.5.4', `no mail for ${name.domain} comes to mailboxes here; say --domain if it shall`)
  const owner = account === undefined ? ownerFor(name) : await sharedOwnerFor(name, account)
  await runProgram('setpassword', address)
  if (ownerOfHome(name) === undefined) makeHome(name, owner)
  replace(tablePath, tableText([...mailboxes, { name, ...owner, home: homeOf(name) }]))
  await runProgram('newu')
  takeDomain(name.domain)
  say(`${address} has uid ${owner.uid} and ${homeOf(name)}\n`)
}

async function sharedOwnerFor(name: Name, account: string): Promise<Owner> {
  const owner = await shareAccount(account)
  const before = ownerOfHome(name)
  if (before !== undefined && before.uid !== owner.uid)
    throw new Trouble('4.3.0', `${homeOf(name)} is there already, and uid ${before.uid}'s; move it away`)
  return owner
}

/** A uid of its own; or that of a home which an earlier try has made. */
function ownerFor(name: Name): Owner {
  const me = process.getuid?.() ?? 0
  if (me !== 0) {
    complain(`mailbox: this is not root: ${addressOf(name)} gets uid ${me}, like everything in this home`)
    return { uid: me, gid: process.getgid?.() ?? 0 }
  }
  const before = ownerOfHome(name)
  if (before === undefined) {
    const uid = takeUid()
    return { uid, gid: uid }
  }
  const isTaken = readTable().some(({ uid }) => uid === before.uid)
  if (isTaken || before.uid !== before.gid || !wasGivenOut(before.uid))
    throw new Trouble('4.3.0', `${homeOf(name)} is there already, and uid ${before.uid}'s; move it away`)
  return before
}
