import type { ConstMap } from '@yabumi/control'
import { withoutPrepend } from './rewrite.ts'

/**
 * What bounce/N says about one recipient that has failed (QSBMF, spec §2.5.8), by the name that the world knows it by.
 *
 * It ends in an empty line, and a report cannot put one inside.
 */
export function bounceParagraph(recipient: string, report: string, virtualDomains: ConstMap): string {
  const address = withoutPrepend(recipient, virtualDomains).replaceAll('\n', '_')
  const lines = `<${address}>:\n${report.endsWith('\n') ? report.slice(0, -1) : report}`
  const end = report === '' ? '\n' : '\n\n'
  return lines.replace(/(?<=\n)\n/g, '/') + end
}
