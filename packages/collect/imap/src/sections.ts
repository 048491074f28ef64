/** The bytes of a section of a message, as they are sent. */
import type { Partial, Section } from '@yabumi/imapwire'
import { toWire } from '@yabumi/mailfolder'
import { pickFields, sectionExtent } from '@yabumi/mimeparts'
import type { OpenMessage } from './messages.ts'

export function sectionBytes({ root, bytes }: Pick<OpenMessage, 'root' | 'bytes'>, section: Section): Buffer {
  const { start, end } = sectionExtent(root, section)
  const found = toWire(bytes.subarray(start, end))
  if (!section.text.startsWith('HEADER.FIELDS')) return found
  return pickFields(found, section.fields, section.text === 'HEADER.FIELDS.NOT')
}

/** Some of them; what lies beyond the end is not there. */
export function cut(bytes: Buffer, partial: Partial | undefined): Buffer {
  return partial === undefined ? bytes : bytes.subarray(partial.offset, Math.min(bytes.length, partial.offset + partial.length))
}
