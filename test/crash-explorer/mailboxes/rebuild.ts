/** Put the Maildir of a state onto a real disk. What lies in a directory whose own name is lost is lost with it. */
import { linkSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dotlockStaleSeconds } from '@yabumi/limits'
import type { Tree } from '../disk.ts'

/** A machine whose power was cut is back later than a lock is stale that has lost its contents, in seconds. */
const longAgo = Date.now() / 1000 - 2 * dotlockStaleSeconds

/**
 * @param directories - inodes that are directories
 * @param path - where the Maildir shall be
 */
export function rebuildMaildir(tree: Tree, directories: ReadonlySet<number>, path: string): void {
  const children = new Map<number, [string, number, Buffer][]>()
  for (const [entry, { inode, bytes }] of tree) {
    const [, directory = '', name = ''] = /^mail\/#(\d+)\/(.*)$/.exec(entry) ?? []
    const list = children.get(Number(directory)) ?? []
    list.push([name, inode, bytes])
    children.set(Number(directory), list)
  }
  const placed = new Map<number, string>()
  const put = (directory: number, at: string): void => {
    mkdirSync(at)
    for (const [name, inode, bytes] of children.get(directory) ?? []) {
      const file = join(at, name)
      const twin = placed.get(inode)
      if (directories.has(inode)) {
        if (twin === undefined) put(inode, file)
      } else if (twin === undefined) writeFileSync(file, bytes)
      else linkSync(twin, file)
      if (name.endsWith('.lock')) utimesSync(file, longAgo, longAgo)
      placed.set(inode, file)
    }
  }
  put(0, path)
}
