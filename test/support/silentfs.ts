/**
 * A file system that never answers, as NFS when its server is gone: FUSE, mounted by hand, whose requests nobody reads. Root's, in a mount name space
 * of the caller's own.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'

/** Why mount name spaces cannot be made here; false if they can. */
export const noNameSpaces: string | false =
  process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0 ? false : 'needs root and mount name spaces'

/** Why there is no such file system here; false if there is. */
export const noSilentFs: string | false = noNameSpaces || (existsSync('/dev/fuse') ? false : 'needs /dev/fuse')

/** Words in front of a command that gives it a mount name space of its own. */
export const inOwnNameSpace: readonly string[] = ['unshare', '-m', '--propagation', 'private']

/** Mount it. @returns its descriptor; while any process has that open, whoever looks below the directory waits */
export function mountSilent(directory: string): number {
  const koffi = createRequire(import.meta.url)('koffi') as {
    load(path: null): { func(prototype: string): (...words: unknown[]) => number }
  }
  const mount = koffi.load(null).func('int mount(const char *, const char *, const char *, unsigned long, const char *)')
  const fd = openSync('/dev/fuse', 'r+')
  const options = `fd=${fd},rootmode=40000,user_id=0,group_id=0,allow_other`
  if (mount('silent', directory, 'fuse.silent', 0, options) !== 0) throw new Error(`unable to mount on ${directory}`)
  return fd
}

/** End it: whoever waits hears that the connection is gone, and the directory below is there again. */
export function unmountSilent(fd: number, directory: string): void {
  closeSync(fd)
  spawnSync('umount', ['-l', directory])
}
