/** What a caller hands over on descriptor 3 (spec §6.2): login NUL password NUL challenge NUL, at most 512 bytes. */
import { closeSync, readSync } from 'node:fs'
import { credentialsBytes } from '@yabumi/limits'

export interface Credentials {
  /** A byte string. */
  readonly login: string
  /** A password, or a digest made over the challenge. */
  readonly secret: Buffer
  readonly challenge: Buffer
}

/** Read descriptor 3 to its end. @returns undefined if it holds something else, or is not open */
export function readCredentials(): Credentials | undefined {
  try {
    const bytes = readAll(3)
    return bytes.length > credentialsBytes ? undefined : parse(bytes)
  } catch {
    return undefined
  }
}

/** Close descriptor 3 once the login is judged: popup counts those that are not, so that no flood of logins takes the processors. */
export function closeCredentials(): void {
  closeSync(3)
}

function readAll(fd: number): Buffer {
  const bytes = Buffer.alloc(credentialsBytes + 1)
  let length = 0
  while (length < bytes.length) {
    const read = readSync(fd, bytes, length, bytes.length - length, null)
    if (read === 0) break
    length += read
  }
  return bytes.subarray(0, length)
}

function parse(bytes: Buffer): Credentials | undefined {
  const loginEnd = bytes.indexOf(0)
  const secretEnd = bytes.indexOf(0, loginEnd + 1)
  const challengeEnd = bytes.indexOf(0, secretEnd + 1)
  if (loginEnd < 0 || secretEnd < 0 || challengeEnd < 0) return undefined
  return {
    login: bytes.toString('latin1', 0, loginEnd),
    secret: bytes.subarray(loginEnd + 1, secretEnd),
    challenge: bytes.subarray(secretEnd + 1, challengeEnd),
  }
}
