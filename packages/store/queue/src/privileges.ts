/** Who the resident queue is: the owner of queue/, whoever started it. */
import { accessSync, constants } from 'node:fs'
import { accountToBecome, becomeAccount, homeDirectory, uidOf } from '@yabumi/home'
import { errorText, Trouble } from '@yabumi/trouble'

const needed = ['queue/pid', 'queue/mess', 'queue/intd', 'queue/todo'] as const

/** The directories must be there, and ours to write (root becomes their owner later). The working directory is the home. */
export function checkDirectories(): void {
  for (const path of needed) {
    try {
      accessSync(path, constants.W_OK | constants.X_OK)
    } catch (cause) {
      const here = `${process.cwd()}/${path}`
      throw new Trouble('4.3.0', `unable to write in ${here}: ${errorText(cause)}; ${remedy()}`, { cause })
    }
  }
}

function remedy(): string {
  const owner = queueAccount()
  if (owner === undefined) return 'make this directory a home with config-fast'
  return process.getuid?.() === owner ? 'its mode should let its owner write' : `start queue as uid ${owner}, who owns queue/`
}

/** Whether this is the account that could queue by itself if the modes of queue/ were right. */
export function isQueueAccount(): boolean {
  return process.getuid?.() === queueAccount(homeDirectory())
}

function queueAccount(home = '.'): number | undefined {
  try {
    return uidOf('queue', home)
  } catch {
    return undefined
  }
}

/** Root gives its rights away for good, unless queue/ is root's own. */
export function becomeQueueAccount(): void {
  const found = accountToBecome('queue')
  if (found !== undefined) becomeAccount(found)
}
