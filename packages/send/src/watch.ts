/**
 * Notices a changed control/locals or control/virtualdomains, beside HUP. Only a hint: where watching does not work, HUP does.
 *
 * chokidar is loaded when everything else runs, so that it costs nothing of the start.
 */
import { resolve } from 'node:path'

const names = ['locals', 'virtualdomains']
/** An editor writes a file in several steps: wait until it has come to rest. */
const restMilliseconds = 200
const delayMilliseconds = 1_000

/** @param changed - called when one of the files has changed, was made or was removed */
export function watchRouting(changed: () => void): void {
  let timer: NodeJS.Timeout | undefined
  const notice = (): void => {
    clearTimeout(timer)
    timer = setTimeout(changed, restMilliseconds)
  }
  const begin = async (): Promise<void> => {
    const { watch } = await import('chokidar')
    const directory = resolve('control')
    const watched = new Set(names.map((name) => resolve(directory, name)))
    const watcher = watch(directory, { ignoreInitial: true, depth: 0, ignored: (path) => path !== directory && !watched.has(path) })
    watcher.on('all', notice).on('error', () => undefined)
  }
  setTimeout(() => void begin().catch(() => undefined), delayMilliseconds).unref()
}
