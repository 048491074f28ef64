/** Whether a message says that a mailing list has passed it on. Anybody can say so. */
import { nameOf } from '@yabumi/dkim'

/** List-Id (RFC 2919) and List-Post (RFC 2369). */
const names: ReadonlySet<string> = new Set(['list-id', 'list-post'])

/** @param fields - byte strings */
export function saysList(fields: readonly string[]): boolean {
  return fields.some((field) => names.has(nameOf(field)))
}
