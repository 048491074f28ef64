/** What is shown of a message (spec §8.4). */
import { messagePieces } from '@yabumi/files'
import { fieldBody, glimpse, knownName } from '@yabumi/header'
import { printable } from '@yabumi/printable'

const lineBytes = 78
const indent = '    '

/** The announcement of the message on descriptor 0: a bell and two lines of printable ASCII, with CR LF. */
export async function announcement(sender: string, local: string): Promise<string> {
  const seen = await glimpse(messagePieces(0), lineBytes)
  const subjects = seen?.fields.filter((field) => knownName(field) === 'subject').map(fieldBody) ?? []
  const line = `${indent}${subjects.join('')}${seen?.text ?? ''}`.slice(0, lineBytes)
  return `\r\n\x07${printable(`*** TO <${local}> FROM <${sender}>`, '_')}\r\n${printable(line, '/')}\r\n`
}
