/** What lspawn does with one delivery: find the user, have the message delivered with that user's rights, report. */
import type { Rights } from '@yabumi/child'
import { byteEnvironment } from '@yabumi/commandline'
import type { Content, Delivery } from '@yabumi/spawnprotocol'
import { cannotRunExit } from '@yabumi/trouble'
import { LookupTrouble, SilentHome, sharingOf, type User, type Users, type WatchedHomes } from '@yabumi/users'
import type { OwnPrograms } from './ownprogram.ts'
import { type Ending, verdictOf } from './verdict.ts'
import type { Workers } from './workers.ts'

/** What all deliveries share. */
export interface Shared {
  readonly users: Users
  readonly homes: WatchedHomes
  readonly workers: Workers
  readonly ownPrograms: OwnPrograms
  /** Instructions for users who have none. */
  readonly defaultDelivery: string
  /** Effective uid of this process. */
  readonly uid: number
}

const isRoot = 113
const bug = 112
/** Deliver, and report. Returns at once; never throws. */
export function deliver(delivery: Delivery<Content>, shared: Shared): void {
  if (delivery.local === '') {
    delivery.report('D', 'No address. (#5.1.3)\n') // qmail throws it away, and calls that success (spec §7.6)
    return
  }
  void shared.users
    .find(delivery.local)
    .then((user) => deliverTo(user, delivery, shared))
    .catch((error: unknown) => {
      if (error instanceof SilentHome) delivery.report('Z', `Home directory ${error.home} does not answer. (#4.3.0)\n`)
      else end(delivery, error instanceof LookupTrouble ? error.exit : bug, '')
    })
}

async function deliverTo(user: User, delivery: Delivery<Content>, shared: Shared): Promise<void> {
  if (user.uid === 0) {
    end(delivery, isRoot, '')
    return
  }
  if (shared.uid !== 0 && shared.uid !== user.uid) {
    delivery.report('Z', foreignAccount(user, shared.uid))
    return
  }
  const program = byteEnvironment().get('QMAILLOCAL')
  if (program !== undefined && sharingOf(user.uid).isShared) {
    delivery.report('Z', foreignProgram(user))
    return
  }
  const isNew = program !== undefined || !shared.workers.has(user)
  if (isNew) await answers(user.home, shared.homes)
  const rights = isNew && shared.uid === 0 ? await rightsOf(user, shared.users) : undefined
  const { content, local, domain, sender } = delivery
  const args = [user.user, user.home, local, user.dash, user.extension, domain, sender, shared.defaultDelivery]
  function ended(ending: Ending, written: string): void {
    end(delivery, ending, written)
  }
  try {
    if (program === undefined) shared.workers.deliver(user, rights, args, content, ended)
    else shared.ownPrograms.run(program, args, rights, content, ended)
  } catch {
    end(delivery, cannotRunExit, '')
  }
}

async function rightsOf(user: User, users: Users): Promise<Rights> {
  return { uid: user.uid, gid: user.gid, groups: await users.groupsOf(user) }
}

/** A process that enters a home hangs with it, and no signal ends that: so none is started before the home has answered. */
async function answers(home: string, homes: WatchedHomes): Promise<void> {
  try {
    await homes.ownerOf(home)
  } catch (error) {
    if (error instanceof SilentHome) throw error // of other trouble local has its own words
  }
}

function end(delivery: Delivery<Content>, ending: Ending, written: string): void {
  const { status, text } = verdictOf(ending, written)
  delivery.report(status, text)
}

/** Only local keeps mailboxes apart that have one account. */
function foreignProgram({ user }: User): string {
  return `QMAILLOCAL is not for ${user}, whose mailbox shares its account with others (control/sharedaccounts). (#4.3.5)\n`
}

function foreignAccount({ user, uid }: User, ownUid: number): string {
  return `Mail for ${user} (uid ${uid}) can be delivered only by an lspawn that runs as root; this one runs as uid ${ownUid}. (#4.3.5)\n`
}
