/** A bounce has one paragraph for each recipient that failed (QSBMF, spec §2.5.8), and no report can begin another. */
import type { ConstMap } from '@yabumi/control'
import { withoutPrepend } from './rewrite.ts'

/**
 * What bounce/N says about one recipient, by the name that the world knows it by. Byte strings.
 *
 * It ends in an empty line, and has none inside.
 */
export function bounceParagraph(recipient: string, report: string, virtualDomains: ConstMap): string {
  const address = withoutPrepend(recipient, virtualDomains).replaceAll('\n', '_')
  const lines = `<${address}>:\n${report.endsWith('\n') ? report.slice(0, -1) : report}`
  const end = report === '' ? '\n' : '\n\n'
  return lines.replace(/(?<=\n)\n/g, '/') + end
}
