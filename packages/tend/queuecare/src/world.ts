/** control/virtualdomains, read where control/ may be and used where only data goes. */
import { ConstMap, readList } from '@yabumi/control'

/** The lines of the file; none if it is not there. The working directory is the home. */
export function virtualDomainLines(): readonly string[] {
  return readList('virtualdomains') ?? []
}

/** @returns undefined for none, so that nobody looks anything up in it */
export function virtualDomainsOf(lines: readonly string[]): ConstMap | undefined {
  return lines.length === 0 ? undefined : ConstMap.ofColonLines(lines)
}
