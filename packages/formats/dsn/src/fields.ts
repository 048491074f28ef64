/** Groups of header fields with empty lines between, as reports have them (RFC 3464 §2.1, RFC 5965 §3). */
import { withoutEnd } from '@yabumi/blanks'

/** Values by names in lower case, in the order in which they stand; a fold is one blank. Byte strings. */
export type Fields = ReadonlyMap<string, readonly string[]>

/**
 * @param bytes - a line that is no field is passed over
 * @param most - groups; what follows them is passed over
 */
export function readFieldGroups(bytes: Buffer, most: number): Fields[] {
  const groups: Map<string, string[]>[] = []
  let group = new Map<string, string[]>()
  let field = ''
  const endField = (): void => {
    const [, name, value = ''] = /^([!-9;-~]{1,76})[ \t]*:(.*)$/.exec(field) ?? []
    field = ''
    if (name === undefined) return
    const values = group.get(name.toLowerCase())
    const plain = value.replaceAll(/[ \t]+/g, ' ').trim()
    if (values !== undefined) values.push(plain)
    else {
      group.set(name.toLowerCase(), [plain])
      if (group.size === 1) groups.push(group)
    }
  }
  for (const end of bytes.toString('latin1').split('\n')) {
    const line = withoutEnd(end)
    const text = line.trim()
    if (text !== '' && text !== line && line.trimStart() !== line) {
      if (field !== '') field += ` ${text}`
      continue
    }
    endField()
    if (text !== '') field = line
    else if (groups.length < most) group = new Map()
    else return groups
  }
  endField()
  return groups
}

/** The first value of a name. */
export function firstOf(fields: Fields, name: string): string | undefined {
  return fields.get(name)?.[0]
}
