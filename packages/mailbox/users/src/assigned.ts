/**
 * Look-ups in users/cdb (spec §7.1): the exact name first, then its prefixes that are wildcards, the longest first.
 *
 * The file stays open as long as it is the same file. Answers are kept until it is another one, so that asking again
 * costs one stat(2).
 */
import { statSync } from 'node:fs'
import { lowerCase } from '@yabumi/address'
import { CdbFile } from '@yabumi/cdbfile'
import { rememberedUsers } from '@yabumi/limits'
import { LookupTrouble } from './trouble.ts'
import type { User } from './user.ts'

interface OpenFile {
  readonly stamp: string
  readonly reader: CdbFile
  /** The bytes that end a wildcard. */
  readonly wildEnds: string
  readonly answers: Map<string, User | undefined>
}

export class AssignedUsers {
  readonly #path: string
  #open: OpenFile | undefined

  constructor(path: string) {
    this.#path = path
  }

  /**
   * The user that the file assigns to a local part, or undefined if there is none or no file.
   *
   * @throws LookupTrouble 117 or 112
   */
  find(local: string): User | undefined {
    const file = this.#current()
    if (file === undefined) return undefined
    if (file.answers.has(local)) return file.answers.get(local)
    const user = search(file, local)
    if (file.answers.size >= rememberedUsers) file.answers.clear()
    file.answers.set(local, user)
    return user
  }

  close(): void {
    this.#open?.reader.close()
    this.#open = undefined
  }

  #current(): OpenFile | undefined {
    try {
      const stamp = stampOf(this.#path)
      if (stamp === this.#open?.stamp) return this.#open
      this.close()
      if (stamp === undefined) return undefined
      const reader = new CdbFile(this.#path)
      const wildEnds = reader.find(Buffer.alloc(0))?.toString('latin1')
      if (wildEnds === undefined) {
        reader.close()
        throw new LookupTrouble(117)
      }
      this.#open = { stamp, reader, wildEnds, answers: new Map() }
      return this.#open
    } catch (cause) {
      throw cause instanceof LookupTrouble ? cause : new LookupTrouble(117, { cause })
    }
  }
}

/** Changes with every rename of a new file into place and with every change of this one; undefined if there is none. */
function stampOf(path: string): string | undefined {
  const status = statSync(path, { throwIfNoEntry: false })
  return status && `${status.ino} ${status.mtimeMs} ${status.ctimeMs} ${status.size}`
}

function search(file: OpenFile, local: string): User | undefined {
  const name = `!${lowerCase(local)}`
  const exact = find(file, `${name}\0`)
  if (exact !== undefined) return parse(exact, '')
  for (let length = name.length; length > 0; length -= 1) {
    if (length > 1 && !file.wildEnds.includes(name[length - 1] as string)) continue
    const found = find(file, name.slice(0, length))
    if (found !== undefined) return parse(found, local.slice(length - 1))
  }
  return undefined
}

function find(file: OpenFile, key: string): string | undefined {
  try {
    return file.reader.find(Buffer.from(key, 'latin1'))?.toString('latin1')
  } catch (cause) {
    throw new LookupTrouble(117, { cause })
  }
}

function parse(data: string, rest: string): User {
  const [user, uid, gid, home, dash, extension, ...more] = (data + rest).split('\0')
  if (user === undefined || uid === undefined || gid === undefined || home === undefined || dash === undefined || extension === undefined) {
    throw new LookupTrouble(112)
  }
  if (more.length > 0) throw new LookupTrouble(112)
  return { user, uid: leadingNumber(uid), gid: leadingNumber(gid), home, dash, extension }
}

/** qmail's decimal scan: the digits in front count, none is 0, and 0 is refused as root further on. */
function leadingNumber(text: string): number {
  return Number(/^[0-9]*/.exec(text)?.[0])
}
