/** Tables with keys that ignore ASCII case, and how a host is found in one. */
import { asciiDomain, isAscii, lowerCase } from '@yabumi/address'

/**
 * A table with keys that ignore ASCII case (spec §0.4, constmap). A domain with other letters is its A-labels.
 *
 * If a key is listed twice the last line wins.
 */
export class ConstMap {
  readonly #values = new Map<string, string>()

  /** A set of whole lines: every value is empty. */
  static ofLines(lines: Iterable<string>): ConstMap {
    const map = new ConstMap()
    for (const line of lines) map.#values.set(foldCase(line), '')
    return map
  }

  /** A table of `key:value` lines: the key ends at the first colon; a line without a colon is ignored. */
  static ofColonLines(lines: Iterable<string>): ConstMap {
    const map = new ConstMap()
    for (const line of lines) {
      const colon = line.indexOf(':')
      if (colon >= 0) map.#values.set(foldCase(line.slice(0, colon)), line.slice(colon + 1))
    }
    return map
  }

  get size(): number {
    return this.#values.size
  }

  /** The value of a key, or undefined. */
  get(key: string): string | undefined {
    return this.#values.get(foldCase(key))
  }

  has(key: string): boolean {
    return this.#values.has(foldCase(key))
  }
}

/** The value of the whole name, else of the longest suffix that starts at a dot, else of the empty name. */
export function findByHost<T>(host: string, table: { get(key: string): T | undefined }): T | undefined {
  const whole = table.get(host)
  if (whole !== undefined) return whole
  for (let dot = host.indexOf('.', 1); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const value = table.get(host.slice(dot))
    if (value !== undefined) return value
  }
  return table.get('')
}

/** A domain in its A-labels, so that it is one key however it is written. */
function foldCase(text: string): string {
  if (isAscii(text)) return lowerCase(text)
  const at = text.lastIndexOf('@') + 1
  return lowerCase(text.slice(0, at)) + (asciiDomain(text.slice(at)) ?? lowerCase(text.slice(at)))
}
