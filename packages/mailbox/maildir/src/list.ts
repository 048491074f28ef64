/**
 * What lies in the Maildir that is the working directory (spec §6.3, §8.2).
 *
 * Only files count, and only those whose names do not begin with a dot. Names are byte strings.
 */
import { readdirSync, type Stats, statSync, unlinkSync } from 'node:fs'
import { nowSeconds } from '@yabumi/dates'
import { ossifiedSeconds } from '@yabumi/limits'
import { isTemporary } from '@yabumi/trouble'

export type MaildirPart = 'new' | 'cur'

export interface MaildirFile {
  readonly part: MaildirPart
  readonly name: string
  readonly sizeBytes: number
  /** Milliseconds since 1970. */
  readonly arrived: number
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)

/**
 * The messages of some parts, in the order of arrival. Files of the running second are left out, as qmail does it: another
 * one that arrives in it could sort before them; so are those that cannot be looked at for good.
 *
 * @throws CannotList
 */
export function listMaildir(parts: readonly MaildirPart[]): MaildirFile[] {
  const now = nowSeconds()
  return parts.flatMap((part) => filesIn(part, now)).sort((a, b) => a.arrived - b.arrived || (a.name < b.name ? -1 : 1))
}

/** A part of the Maildir cannot be read; the cause is the system's error. */
export class CannotList extends Error {
  readonly part: MaildirPart

  constructor(part: MaildirPart, cause: unknown) {
    super(`unable to read ${part}`, { cause })
    this.part = part
  }
}

/** Remove what deliveries that ended badly have left in tmp/ for 36 hours. That it cannot be done is no trouble. */
export function cleanMaildir(): void {
  const before = nowSeconds() - ossifiedSeconds
  for (const name of leftovers()) {
    const path = maildirPath('tmp', name)
    try {
      if (seconds(statSync(path).atimeMs) < before) unlinkSync(path)
    } catch {
      // another reader was faster, or it is not ours to touch
    }
  }
}

const ascii = /^[\0-\x7f]*$/

/** The path of a file, for calls of node:fs. */
export function maildirPath(part: MaildirPart | 'tmp', name: string): string | Buffer {
  const path = `${part}/${name}`
  return ascii.test(path) ? path : Buffer.from(path, 'latin1')
}

function filesIn(part: MaildirPart, now: number): MaildirFile[] {
  const files: MaildirFile[] = []
  try {
    for (const name of namesOf(part)) {
      const stat = statOf(maildirPath(part, name))
      if (stat === undefined || !stat.isFile() || seconds(stat.mtimeMs) >= now) continue
      files.push({ part, name, sizeBytes: stat.size, arrived: stat.mtimeMs })
    }
  } catch (cause) {
    throw new CannotList(part, cause)
  }
  return files
}

function leftovers(): string[] {
  try {
    return namesOf('tmp')
  } catch {
    return []
  }
}

function namesOf(directory: string): string[] {
  return readdirSync(directory, 'latin1').filter((name) => !name.startsWith('.'))
}

/** @throws what passes by itself: a list without that file would look as if the message had gone */
function statOf(path: string | Buffer): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if (isTemporary(error)) throw error
    return undefined
  }
}
