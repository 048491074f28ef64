/** The fields that every message must have and this one lacks (spec §4.5). */
import type { ConstMap } from '@yabumi/control'
import { headerDate, stamp } from '@yabumi/dates'
import type { Draft } from './draft.ts'
import { followupField } from './followup.ts'
import type { Person } from './person.ts'

export interface Origin {
  readonly person: Person
  /** When the message is sent, in seconds since 1970. */
  readonly seconds: number
  readonly idHost: string
  readonly lists: ConstMap | undefined
}

/** The fields to put in front, with their line ends. @throws UnparsableLine */
export function generatedFields(draft: Draft, origin: Origin): string[] {
  const resent = draft.isResent
  const prefix = resent ? 'Resent-' : ''
  const fields: string[] = []
  if (!draft.has(resent ? 'resent-date' : 'date')) fields.push(`${prefix}Date: ${headerDate(origin.seconds)}\n`)
  if (!draft.has(resent ? 'resent-message-id' : 'message-id')) {
    fields.push(`${prefix}Message-ID: <${stamp(origin.seconds)}.${process.pid}.qmail@${origin.idHost}>\n`)
  }
  if (!draft.has(resent ? 'resent-from' : 'from')) fields.push(`${prefix}${origin.person.fromField()}`)
  if (!draft.has(resent ? 'resent-to' : 'to') && !draft.has(resent ? 'resent-cc' : 'cc')) {
    fields.push(`${prefix}Cc: recipient list not shown: ;\n`)
  }
  if (!resent && origin.lists !== undefined && !draft.has('mail-followup-to')) {
    const followup = followupField(origin.lists, draft.visible)
    if (followup !== undefined) fields.push(followup)
  }
  return fields
}
