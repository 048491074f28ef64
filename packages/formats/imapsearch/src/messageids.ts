/** The identifiers in Message-ID, References and In-Reply-To (RFC 5322 §3.6.4). */

const longest = 1_024

/**
 * All between angle brackets that look like identifiers, without quotes, in their order.
 *
 * Blanks in one are left out, as programs that fold long ones put them there.
 */
export function messageIds(value: string): string[] {
  const ids: string[] = []
  for (let start = value.indexOf('<'); start >= 0; ) {
    const end = value.indexOf('>', start)
    if (end < 0) break
    const last = value.lastIndexOf('<', end)
    const id = value
      .slice(last + 1, end)
      .slice(0, longest)
      .replaceAll(/[\s"\\]/g, '')
    if (/^[^@]+@[^@]/.test(id)) ids.push(id)
    start = value.indexOf('<', end)
  }
  return ids
}
