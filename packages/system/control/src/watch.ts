/**
 * Notice changes of control files, so that an operator need not signal anybody.
 *
 * A hint, never the truth: where the system has no watches left, or the files lie on a network, nothing is noticed. A
 * program that uses it also takes HUP.
 */
import { basename, resolve } from 'node:path'

/** An editor's several steps make one change. */
const settleMilliseconds = 50

/**
 * Call back after files in control/ have changed, were made or were removed. chokidar is loaded only now.
 *
 * @param names - the files that matter; any, if not given
 * @returns a function that stops it, once the watch is in place
 */
export async function watchControls(changed: () => void, names?: ReadonlySet<string>): Promise<() => Promise<void>> {
  const { watch } = await import('chokidar')
  // the directory, because a file that does not exist yet cannot be watched; the whole path, because a program may go elsewhere
  const watcher = watch(resolve('control'), { ignoreInitial: true, depth: 0 })
  let timer: NodeJS.Timeout | undefined
  watcher.on('error', () => undefined)
  watcher.on('all', (_event, path) => {
    if (names !== undefined && !names.has(basename(path))) return
    clearTimeout(timer)
    timer = setTimeout(changed, settleMilliseconds)
  })
  await new Promise<void>((resolve) => {
    watcher.once('ready', resolve).once('error', () => resolve())
  })
  return async () => {
    clearTimeout(timer)
    await watcher.close()
  }
}
