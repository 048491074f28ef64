/**
 * lspawn: deliver local mail for send, each message with its recipient's rights (spec §2.4).
 *
 * In      descriptor 0: what to deliver; one argument: the delivery for users who have no instructions of their own. At
 *         the end of descriptor 0 what is under way may end within control/stoptime
 * Out     descriptor 1: what came of it
 * Runs    one `local --worker` a user. lspawn is the parent of all of them and must stay small: starting a process
 *         costs a multiple in a large one
 * Trust   runs as root, or delivers for its own account only; believes no worker more than its user
 */
import { byteArguments, complain, run } from '@yabumi/commandline'
import { StopTime } from '@yabumi/control'
import { enterHome } from '@yabumi/home'
import { closeInheritedOnExec } from '@yabumi/posix'
import { contentToGive, serve } from '@yabumi/spawnprotocol'
import { Users, WatchedHomes } from '@yabumi/users'
import { endInTime } from './leave.ts'
import { deliver, type Shared } from './lspawn.ts'
import { OwnPrograms } from './ownprogram.ts'
import { limitsFromControl } from './settings.ts'
import { Workers } from './workers.ts'

void run('lspawn', async () => {
  const [defaultDelivery, ...asked] = byteArguments()
  if (defaultDelivery === undefined) process.exit(100)
  closeInheritedOnExec()
  const uid = process.geteuid?.() ?? 0
  const workers = new Workers(complain, limitsFromControl(complain))
  process.on('SIGHUP', () => workers.leaveSoon())
  const homes = new WatchedHomes((line) => complain(`lspawn: ${line}`))
  const users = new Users(enterHome(), undefined, homes)
  const stopTime = new StopTime((line) => complain(`lspawn: ${line}`))
  const ownPrograms = new OwnPrograms()
  const shared: Shared = { users, homes, workers, ownPrograms, defaultDelivery, uid }
  await serve((delivery) => deliver(delivery, shared), asked, { open: contentToGive, leaving: () => endInTime(shared, stopTime.seconds) })
  await workers.dismissAll()
  process.exit(0)
})
