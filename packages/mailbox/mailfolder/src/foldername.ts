/**
 * Names of mailboxes: `Work/2026` for clients, `.Work.2026` on the disk. INBOX is the Maildir itself.
 *
 * Names are byte strings, in modified UTF-7 as Dovecot writes them; clients who speak UTF-8 are the caller's business.
 */
import { folderNameBytes } from '@yabumi/limits'
import { Refusal } from './refusal.ts'

export const inbox = 'INBOX'

/** INBOX in that spelling, and without a separator at its end; no other change. */
export function canonicalName(name: string): string {
  const plain = name.endsWith('/') && name.length > 1 ? name.slice(0, -1) : name
  if (plain.toUpperCase() === inbox) return inbox
  return plain.slice(0, 6).toUpperCase() === 'INBOX/' ? `${inbox}${plain.slice(5)}` : plain
}

/** The directory of a mailbox within the Maildir, or undefined if no mailbox can have that name. */
export function directoryOf(name: string): string | undefined {
  const canonical = canonicalName(name)
  if (canonical === inbox) return '.'
  return isPossible(canonical) ? `.${canonical.replaceAll('/', '.')}` : undefined
}

/** The name of the mailbox that has this directory, or undefined if none has. */
export function nameOf(directory: string): string | undefined {
  if (!directory.startsWith('.') || directory.length < 2) return undefined
  const name = directory.slice(1).replaceAll('.', '/')
  return name.startsWith('/') || name.endsWith('/') || name.includes('//') || name.toUpperCase() === inbox ? undefined : canonicalName(name)
}

/** @throws Refusal CANNOT, with the reason */
export function checkNewName(name: string): string {
  const canonical = canonicalName(name)
  if (canonical === inbox || isPossible(canonical)) return canonical
  throw new Refusal('CANNOT', 'A mailbox cannot have this name')
}

function isPossible(name: string): boolean {
  if (name === '' || name.length > folderNameBytes || /^[/~]|\.|[\0-\x1f\x7f]/.test(name)) return false
  return name.split('/').every((component) => component !== '')
}
