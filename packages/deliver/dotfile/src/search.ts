/** Which .qmail file governs an address (spec §2.7.3), and under which sender it forwards (spec §2.7.4). */
import { lowerCase } from '@yabumi/address'
import { type Dotfile, exists, readDotfile } from './readdotfile.ts'
import { type Request, recipientOf } from './request.ts'

export interface FoundDotfile extends Dotfile {
  readonly name: string
  /** What the `default` in the file's name stands for; undefined if there is none in it. */
  readonly matched: string | undefined
}

const wildcard = 'default'

/** The extension as it stands in names of files: no capital letters, no way up. */
function safeExtension(request: Request): string {
  return lowerCase(request.extension).replaceAll('.', ':')
}

/**
 * The dotfile of an address: the one of its own name, else the `default` for the longest part of its extension.
 *
 * @returns undefined if there is none
 * @throws Failure if one is there and must not be used
 */
export function findDotfile(request: Request): FoundDotfile | undefined {
  for (const { name, matched } of candidates(request)) {
    const found = readDotfile(request.user, name, '.qmail')
    if (found !== undefined) return { ...found, name, matched }
  }
  return undefined
}

/** Whether the file of this name is the one that governs an address. @throws Failure if that cannot be said now */
export function governs(name: string, request: Request): boolean {
  for (const candidate of candidates(request)) {
    if (candidate.name === name) return true
    if (exists(candidate.name)) return false
  }
  return false
}

/** The names that a dotfile for the address can have, in the order in which they are looked for. */
export function* candidates(request: Request): Generator<{ name: string; matched: string | undefined }, void> {
  const { dash, extension } = request
  const safe = safeExtension(request)
  yield { name: `.qmail${dash}${safe}`, matched: safe.endsWith(wildcard) ? extension.slice(-wildcard.length) : undefined }
  for (let end = safe.length; end >= 0; end -= 1) {
    if (end > 0 && safe[end - 1] !== '-') continue
    yield { name: `.qmail${dash}${safe.slice(0, end)}${wildcard}`, matched: extension.slice(end) }
  }
}

/**
 * The sender of what is forwarded: the list's owner, where a file named for the owner says that there is one.
 *
 * @throws Failure if that cannot be said now
 */
export function newSender(request: Request): string {
  const { sender, local, domain } = request
  if (sender === '' || sender === '#@[]') return sender
  const name = `.qmail${request.dash}${safeExtension(request)}-owner`
  if (!exists(name)) return sender
  return exists(`${name}-default`) ? `${local}-owner-@${domain}-@[]` : `${local}-owner@${domain}`
}

/** Whether the address is the user's own name, with no extension: mail for the person. */
export function isPlain(request: Request): boolean {
  return request.dash === '' && request.extension === ''
}

/** Whether an address is the one this message was sent to. */
export function isRecipient(address: string, request: Request): boolean {
  return lowerCase(address) === lowerCase(recipientOf(request))
}
