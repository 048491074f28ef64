/** Addresses of messages that lie here, as CATENATE has them (RFC 4469 §3, RFC 5092 §6). */
import { Arguments, highestNumber } from './arguments.ts'
import { BadCommand } from './bad.ts'
import { readMailboxName } from './mailboxname.ts'
import { type Partial, parseSection, type Section } from './section.ts'
import { Tokeniser } from './token.ts'

export interface MessageUrl {
  /** In modified UTF-7. */
  readonly mailbox: string
  readonly uidValidity: number | undefined
  readonly uid: number
  /** The whole message where none is named. */
  readonly section: Section
  readonly partial: Partial | undefined
}

const syntax =
  /^(?:imap:\/\/[^/]*)?\/([^;]+?)(?:;UIDVALIDITY=(\d{1,10}))?\/;UID=(\d{1,10})(?:\/;SECTION=([^;]+?))?(?:\/;PARTIAL=(\d{1,15})(?:\.(\d{1,15}))?)?$/i
/** A percent sign without two digits, or what no address may hold. */
const wrong = /%(?![0-9a-f]{2})|%00|[\x00-\x20\x7f-\xff"#<>?\\]/i

/** Undefined for any other address: answer BADURL. The server that it names is taken for this one. */
export function parseMessageUrl(text: string): MessageUrl | undefined {
  const [, path, uidValidity, uid, section = '', offset, length] = wrong.test(text) ? [] : (syntax.exec(text) ?? [])
  if (path === undefined) return undefined
  const mailbox = readMailboxName(decoded(path), true)
  const numbers = [uid, uidValidity ?? uid].map(Number)
  if (mailbox === undefined || numbers.some((number) => number === 0 || number > highestNumber) || length === '0') return undefined
  try {
    return {
      mailbox,
      uidValidity: uidValidity === undefined ? undefined : Number(uidValidity),
      uid: Number(uid),
      section: sectionOf(decoded(section)),
      partial: offset === undefined ? undefined : { offset: Number(offset), length: Number(length ?? Number.MAX_SAFE_INTEGER) },
    }
  } catch (error) {
    if (error instanceof BadCommand) return undefined
    throw error
  }
}

function decoded(text: string): string {
  return text.replaceAll(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function sectionOf(text: string): Section {
  const words = new Tokeniser(false)
  if (words.addLine(`${text}]`, 0) !== undefined) throw new BadCommand('A literal in an address')
  const args = new Arguments(words.finish())
  const { section, partial } = parseSection(args.keyword('section'), args)
  args.end()
  if (partial !== undefined) throw new BadCommand('Invalid section')
  return section
}
