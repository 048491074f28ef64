/**
 * Lines that stand for many addresses: `/PATTERN`, in which `*` is any number of bytes and `?` one.
 *
 * No regular expressions: on an address made for it, one of them could hold up every session.
 */
import { lowerCase } from '@yabumi/address'

/** Whether a line of a list is a pattern. */
export function isPattern(line: string): boolean {
  return line[0] === '/'
}

/** The patterns among the lines of a list, without their slashes and in lower case. */
export function patternsOf(lines: readonly string[]): string[] {
  return lines.filter(isPattern).map((line) => lowerCase(line.slice(1)))
}

/** Whether a pattern stands for the whole address, in lower case. Takes no more steps than the product of both lengths. */
export function matches(pattern: string, address: string): boolean {
  let at = 0
  let part = 0
  /** Behind the last star, and where what it stands for ends at present. */
  let star = -1
  let starEnd = 0
  while (at < address.length) {
    if (pattern[part] === '*') {
      part += 1
      star = part
      starEnd = at
    } else if (pattern[part] === '?' || pattern[part] === address[at]) {
      part += 1
      at += 1
    } else if (star >= 0) {
      starEnd += 1
      at = starEnd
      part = star
    } else return false
  }
  while (pattern[part] === '*') part += 1
  return part === pattern.length
}
