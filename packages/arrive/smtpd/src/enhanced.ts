/** Enhanced status codes in front of the text of replies (RFC 2034), where control/enhancedstatus is 1, after EHLO. */
import { parseCommand } from '@yabumi/smtp'

/** What qmail's texts do not say themselves, as `(#5.1.1)`: by command, then by the reply's code. */
const byCommand: Readonly<Record<string, string>> = { mail: '2.1.0', rcpt: '2.1.5' }
const byCode: Readonly<Record<string, string>> = { '500': '5.5.2', '501': '5.5.4', '502': '5.5.1', '503': '5.5.1', '555': '5.5.4' }
const said = /\(#([245]\.[0-9]{1,3}\.[0-9]{1,3})\)/

/**
 * @param reply - whole, with its line ends. A greeting, what answers EHLO and HELO, and 3xx have none
 * @param command - that it answers
 */
export function withStatus(reply: string, command: string): string {
  const { verb } = parseCommand(command)
  const code = reply.slice(0, 3)
  const group = code.slice(0, 1)
  if (group === '3' || code === '220' || verb === 'ehlo' || verb === 'helo') return reply
  const own = said.exec(reply)?.[1]
  const fitting = own?.startsWith(group) === true ? own : undefined
  const status = fitting ?? (group === '2' ? byCommand[verb] : byCode[code]) ?? `${group}.0.0`
  return reply.replace(/^([0-9]{3}[- ])/gm, `$1${status} `)
}
