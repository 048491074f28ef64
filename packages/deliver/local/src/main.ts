/**
 * local: deliver one message to one user, as that user's dotfile says (spec §2.7).
 *
 * In      descriptor 0: the message, a file; or, as lspawn's worker, orders (worker.ts)
 * Out     mailboxes, programs and forwards; descriptors 1 and 2: what came of it
 * Trust   runs as the user, in the user's home; believes neither message nor addresses. A worker that root starts gives
 *         up everything else first. So it has all of the user's groups, and the user cannot take its descriptors (it is
 *         not dumpable)
 */
import { byteArguments, byteEnvironment, run } from '@yabumi/commandline'
import { becomeUser, homeDirectory } from '@yabumi/home'
import { deliverOnce } from './oneshot.ts'
import { work } from './worker.ts'

void run('local', async () => {
  const home = homeDirectory() // the first look, before the working directory is the user's home
  if (process.env['YABUMI_HOME']) process.env['YABUMI_HOME'] = home // a relative one would change its meaning there
  byteEnvironment() // as it was given, for the user's programs
  process.env['UV_THREADPOOL_SIZE'] ??= '12' // so that the syncs of many deliveries meet in one journal commit
  process.umask(0o077)
  if (byteArguments()[0] !== '--worker') {
    process.exitCode = await deliverOnce()
    return
  }
  becomeUser(byteArguments().slice(1))
  await work()
  process.exit(0)
})
