/** Files that are in memory only, and that nobody can change any more: memfd_create(2), F_ADD_SEALS of fcntl(2). */
import { closeSync, writeSync } from 'node:fs'
import { libc, systemError } from './libc.ts'

const MFD_CLOEXEC = 1
const MFD_ALLOW_SEALING = 2
const MFD_NOEXEC_SEAL = 8 // Linux 6.3 and later, which may insist on it; it includes the one above
const F_ADD_SEALS = 1033
const allSeals = 1 | 2 | 4 | 8 // F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE

/**
 * A file of these bytes, open at its start and closed on exec. Whoever gets it reads it, opens it again or maps it; it is never written to
 * again, by root neither, and its memory is free when nobody has it any more.
 *
 * @param name - what /proc calls it
 */
export function sealedFile(name: string, bytes: Buffer): number {
  const fd = memoryFile(name)
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at)
    if (libc().fcntl(fd, F_ADD_SEALS, allSeals) < 0) throw systemError('fcntl')
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function memoryFile(name: string): number {
  const fd = libc().memfd_create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL)
  if (fd >= 0) return fd
  const error = systemError('memfd_create')
  if (error.code !== 'EINVAL') throw error
  const older = libc().memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING)
  if (older < 0) throw systemError('memfd_create')
  return older
}
