/**
 * Notice changes of control files, so that an operator need not signal anybody.
 *
 * A hint, never the truth: where the system has no watches left, or the files lie on a network, nothing is noticed. A
 * program that uses it also takes HUP.
 */

/** An editor's several steps make one change. */
const settleMilliseconds = 50

/**
 * Call back after something in control/ has changed. The path is relative to the working directory.
 *
 * @returns a function that stops it, once the watch is in place
 */
export async function watchControls(changed: () => void): Promise<() => Promise<void>> {
  const { watch } = await import('chokidar')
  const watcher = watch('control', { ignoreInitial: true, depth: 0 })
  let timer: NodeJS.Timeout | undefined
  watcher.on('error', () => undefined)
  watcher.on('all', () => {
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
