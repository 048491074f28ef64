/** The header fields that say what a part is (RFC 2045 §5, §6). */
import { withoutEnd } from '@yabumi/blanks'

/** What a part is, as its header says. Words are in lower case. */
export interface PartType {
  /** `text/plain`; empty where there is none, or none that can be read. */
  readonly type: string
  /** Of a multipart; empty without one. */
  readonly boundary: string
  /** `8bit`; empty where there is none. */
  readonly encoding: string
}

const typeForm = /^[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]{1,127})\/([!#$%&'*+.^_`|~0-9A-Za-z-]{1,127})/
const boundaryForm = /;[ \t]*boundary[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.){0,140})"|([^\s;"]{1,70}))/i

/** The name of a field, in lower case; empty for what is none. @param field - all its lines */
export function fieldName(field: string): string {
  return /^([!-9;-~]{1,76})[ \t]*:/.exec(field)?.[1]?.toLowerCase() ?? ''
}

/** What follows the colon, on one line, without comments. */
function bodyOf(field: string): string {
  const body = field.slice(field.indexOf(':') + 1).replace(/\r?\n/g, ' ')
  return body.includes('(') ? withoutComments(body) : body
}

function withoutComments(text: string): string {
  let depth = 0
  let quoted = false
  let out = ''
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at] as string
    const length = byte === '\\' ? 2 : 1
    if (byte === '"' && depth === 0) quoted = !quoted
    if (byte === '(' && !quoted) depth += 1
    else if (byte === ')' && !quoted && depth > 0) depth -= 1
    else if (depth === 0) out += text.slice(at, at + length)
    at += length - 1
  }
  return out
}

/** @param contentType - the field, if there is one. @param encoding - likewise */
export function readPartType(contentType: string | undefined, encoding: string | undefined): PartType {
  const body = contentType === undefined ? '' : bodyOf(contentType)
  const [, major = '', minor = ''] = typeForm.exec(body) ?? []
  const [, quoted, plain = ''] = boundaryForm.exec(body) ?? []
  return {
    type: major === '' ? '' : `${major}/${minor}`.toLowerCase(),
    boundary: withoutEnd(quoted?.replace(/\\(.)/g, '$1') ?? plain),
    encoding: encoding === undefined ? '' : bodyOf(encoding).trim().toLowerCase(),
  }
}
