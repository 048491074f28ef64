/** Patterns of LIST: `*` is anything, `%` anything without a separator (RFC 9051 §6.3.9). */

/**
 * Whether a name matches. INBOX does in any case, as the first part too.
 *
 * The time is that of the pattern's length times the name's.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  return matches(pattern, name) || (/^inbox(?![^/])/i.test(name) && matches(upperInbox(pattern), upperInbox(name)))
}

function upperInbox(text: string): string {
  return text.slice(0, 5).toUpperCase() + text.slice(5)
}

/** By rows: which beginnings of the name the pattern so far can be. */
function matches(pattern: string, name: string): boolean {
  let row = new Uint8Array(name.length + 1)
  row[0] = 1
  for (const wild of pattern.replaceAll(/\*+/g, '*')) {
    const next = new Uint8Array(name.length + 1)
    for (let at = 0; at <= name.length; at += 1) {
      if (wild === '*') next[at] = row[at] || (at > 0 && next[at - 1]) ? 1 : 0
      else if (wild === '%') next[at] = row[at] || (at > 0 && next[at - 1] && name[at - 1] !== '/') ? 1 : 0
      else next[at] = at > 0 && row[at - 1] && name[at - 1] === wild ? 1 : 0
    }
    row = next
  }
  return row[name.length] === 1
}
