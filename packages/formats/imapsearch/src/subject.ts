/** The base subject, by which messages are sorted and threaded (RFC 5256 §2.1). It takes linear time. */
import { decodeHeader } from '@yabumi/mimeparts'
import { orderText } from './fold.ts'

/** `text` is in upper case. A reply or forward had `Re:`, `[Fwd: ]` or `(fwd)`. */
export interface BaseSubject {
  readonly text: string
  readonly isReply: boolean
}

/** White space is one blank by then. */
const blob = /\[[^[\]]*\] ?/y
const reply = /(?:RE|FWD?) ?(?:\[[^[\]]*\])? ?: ?/y
/** `[Fwd: ]` one inside the other. */
const deepest = 30

/** @param value - of the field, a character a byte; undefined for none */
export function baseSubject(value: string | undefined): BaseSubject {
  let text = orderText(decodeHeader(value ?? ''))
    .split(/[ \t\r\n]+/)
    .join(' ')
    .trim()
  let isReply = false
  for (let depth = 0; ; depth += 1) {
    const [withoutTrailer, hadTrailer] = cutTrailers(text)
    const [withoutLeader, hadLeader] = cutLeaders(withoutTrailer)
    isReply ||= hadTrailer || hadLeader
    text = withoutLeader
    if (depth === deepest || !text.startsWith('[FWD:') || !text.endsWith(']')) return { text, isReply }
    text = text.slice('[FWD:'.length, -1).trim()
    isReply = true
  }
}

/** Without `(fwd)` at the end. */
function cutTrailers(text: string): [text: string, found: boolean] {
  let end = text.length
  while (text.startsWith('(FWD)', end - 5) && end >= 5) {
    end -= 5
    while (text[end - 1] === ' ') end -= 1
  }
  return [text.slice(0, end), end < text.length]
}

/** Without `Re:` and, where something follows, `[list]` at the beginning. */
function cutLeaders(text: string): [text: string, found: boolean] {
  let start = 0
  let found = false
  for (;;) {
    let at = start
    for (let end = endOf(blob, text, at); end !== undefined; end = endOf(blob, text, at)) {
      if (end < text.length) start = end
      at = end
    }
    const end = endOf(reply, text, at)
    if (end === undefined) return [text.slice(start), found]
    start = end
    found = true
  }
}

/** Where a match ends that begins at a place. */
function endOf(expression: RegExp, text: string, at: number): number | undefined {
  expression.lastIndex = at
  return expression.test(text) ? expression.lastIndex : undefined
}
