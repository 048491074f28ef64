/**
 * Write keys and their states (spec §19.1).
 *
 * Synced  a key before its state, and both before anything is said
 * Crash   leaves a key without a state, which nobody uses, or the state as it was
 */
import { closeSync, fchmodSync, fchownSync, fsyncSync, lstatSync, mkdirSync, openSync, renameSync } from 'node:fs'
import { directory, type State, stateLine } from '@yabumi/dkimkeys'
import { syncDirectory, writeAll } from '@yabumi/files'
import { hasAccounts, remoteKeysGroup } from '@yabumi/home'

/** For the account of remote to read, and nobody to write but root; in a home of one user, for that user. */
interface Rights {
  readonly gid: number | undefined
  readonly fileMode: number
  readonly directoryMode: number
}

/** The group that remote shares with no other account of the queue. @throws Trouble 4.3.0 if there is none */
export function rightsOfKeys(): Rights {
  if (process.getuid?.() !== 0 || !hasAccounts('.')) return { gid: undefined, fileMode: 0o600, directoryMode: 0o700 }
  return { gid: remoteKeysGroup(), fileMode: 0o640, directoryMode: 0o750 }
}

/** Make a domain's directory where it is not there. */
export function makeDirectories(domain: string, rights: Rights): void {
  for (const path of [directory, `${directory}/${domain}`]) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) continue
    mkdirSync(path, { mode: 0o700 })
    const fd = openSync(path, 'r')
    try {
      if (rights.gid !== undefined) fchownSync(fd, 0, rights.gid)
      fchmodSync(fd, rights.directoryMode)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    syncDirectory(path.slice(0, path.lastIndexOf('/')))
  }
}

/** Put a new file in place, or another content into an old one: whoever reads it sees the one or the other. */
export function writeFile(domain: string, name: string, content: string, rights: Rights): void {
  const path = `${directory}/${domain}/${name}`
  const fd = openSync(`${path}.tmp`, 'w', 0o600)
  try {
    writeAll(fd, Buffer.from(content, 'latin1'))
    if (rights.gid !== undefined) fchownSync(fd, 0, rights.gid)
    fchmodSync(fd, rights.fileMode)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(`${path}.tmp`, path)
  syncDirectory(`${directory}/${domain}`)
}

export function writeState(domain: string, selector: string, state: State, since: number, seenAt?: number): void {
  writeFile(domain, `${selector}.state`, stateLine(state, since, seenAt), rightsOfKeys())
}
