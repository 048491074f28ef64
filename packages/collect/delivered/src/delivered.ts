/**
 * The mailbox that a user's mail goes to: that of the default delivery, unless the user's own .qmail or .forward names
 * others only.
 *
 * A file that the delivery would not obey names none: mail waits then, and what came before lies where it always did.
 */
import { defaultInstructions, Failure, type Instruction, obeyed, type Request, readDefaultDelivery, upToNul } from '@yabumi/dotfile'
import { homeDirectory } from '@yabumi/home'
import { Descent } from '@yabumi/ownpath'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { sharingOf } from '@yabumi/users'

const without = './Maildir/'

/**
 * The working directory is the user's home.
 *
 * @param log - takes a line about a file that names none
 * @param instructions - of the default delivery, a byte string, if they are not those of control/defaultdelivery
 * @returns its path, a byte string
 * @throws Trouble 4.2.1 if the mailbox shares its account with others, and the path leads out of the home
 */
export function mailboxOfDeliveries(user: string, log: (line: string) => void, instructions?: string): string {
  const defaultDelivery = instructions ?? ofHome(log)
  const request: Request = { user, home: '.', local: user, dash: '', extension: '', domain: '', sender: '', defaultDelivery }
  const [usual = without] = mailboxesIn(log, () => defaultInstructions(request))
  const own = mailboxesIn(log, () => obeyed(request).instructions)
  const [first = usual] = own
  const path = own.includes(usual) ? usual : first
  if (sharingOf(process.geteuid?.() ?? 0).isShared) stay(path)
  return path
}

/** Where an account has several mailboxes its rights open all of them. @throws Trouble 4.2.1 for a path that could be another one's */
function stay(path: string): void {
  const descent = new Descent('confined')
  try {
    descent.to(path)
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw new Trouble('4.2.1', errorText(cause), { cause })
  } finally {
    descent.close()
  }
}

/** Users who may not read control/ have what users have without that file. */
function ofHome(log: (line: string) => void): string {
  try {
    return readDefaultDelivery(homeDirectory())
  } catch (error) {
    log(errorText(error))
    return without
  }
}

/** @returns their paths, none if that cannot be said */
function mailboxesIn(log: (line: string) => void, instructions: () => Iterable<Instruction>): string[] {
  try {
    return [...instructions()].filter(({ kind }) => kind === 'maildir' || kind === 'mbox').map(({ text }) => upToNul(text))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    log(error.message)
    return []
  }
}
