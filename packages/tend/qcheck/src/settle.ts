/**
 * Change owner, mode or size of what lies in a directory of another account, as root must.
 *
 * It is reached step by step without links, held by a descriptor, looked at through that, and changed through that.
 */
import { chmodSync, chownSync, closeSync, constants, fstatSync, openSync, type Stats, truncateSync } from 'node:fs'
import { descend, type FileOwner, O_PATH } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'

/** @throws Trouble 4.3.0 if it belongs to another account than it should */
export function setMode(path: string, mode: number, owner: FileOwner | undefined): void {
  held(path, (name, stats) => {
    refuseForeign(stats, owner)
    chmodSync(name, mode)
  })
}

/** @param names - how many it may have @throws Trouble 4.3.0 if it has more: the other one may lie anywhere */
export function setOwner(path: string, { uid, gid }: FileOwner, names: number): void {
  held(path, (name, stats) => {
    if (!stats.isDirectory() && stats.nlink > names) throw new Trouble('4.3.0', 'it has another name somewhere, and may be anything')
    chownSync(name, uid, gid)
  })
}

/** @throws Trouble 4.3.0 if it belongs to another account than it should */
export function setSize(path: string, bytes: number, owner: FileOwner | undefined): void {
  held(path, (name, stats) => {
    refuseForeign(stats, owner)
    truncateSync(name, bytes)
  })
}

function held(path: string, change: (name: string, stats: Stats) => void): void {
  descend('.', path, (name) => {
    const fd = openSync(name, O_PATH | constants.O_NOFOLLOW)
    try {
      const stats = fstatSync(fd)
      if (stats.isSymbolicLink()) throw new Trouble('4.3.0', 'it is a link')
      change(`/proc/self/fd/${fd}`, stats)
    } finally {
      closeSync(fd)
    }
  })
}

/** undefined: whoever it is, as in a home of one user. */
function refuseForeign({ uid }: Stats, owner: FileOwner | undefined): void {
  if (owner !== undefined && uid !== owner.uid) throw new Trouble('4.3.0', `it belongs to uid ${uid}`)
}
