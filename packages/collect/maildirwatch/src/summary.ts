/** What is shown of a message (spec §8.2). */
import { closeSync, constants, openSync } from 'node:fs'
import { messagePieces } from '@yabumi/files'
import { fieldBody, type Glimpse, glimpse, type KnownName, knownName } from '@yabumi/header'
import { type MaildirFile, maildirPath } from '@yabumi/maildir'
import { printable } from '@yabumi/printable'

const textBytes = 158 // two lines of a terminal
const bold = '\x1b[1m'
const plain = '\x1b[0m'

/** Lines for one message, and an empty one; nothing if it is gone. */
export async function summary({ part, name }: MaildirFile): Promise<string> {
  const seen = await look(maildirPath(part, name))
  if (seen === undefined) return ''
  const first = (wanted: KnownName) => seen.fields.find((field) => knownName(field) === wanted)
  const sender = oneLine(fieldBody(first('return-path') ?? ''))
  const recipient = oneLine(fieldBody(first('delivered-to') ?? ''))
  const from = first('from')
  const subjects = seen.fields.filter((field) => knownName(field) === 'subject').map(fieldBody)
  const text = `${subjects.join('')}${seen.text}`.slice(0, textBytes)
  return `FROM ${sender} TO <${recipient}>\n${from === undefined ? '' : `${bold}${oneLine(from)}${plain}\n`}${printable(text, '/')}\n\n`
}

async function look(path: string | Buffer): Promise<Glimpse | undefined> {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
  try {
    return await glimpse(messagePieces(fd), textBytes)
  } catch {
    return undefined
  } finally {
    closeSync(fd)
  }
}

/** A field on one line, without its end. */
function oneLine(field: string): string {
  return printable(field.replace(/\n[ \t]*/g, ' ').trimEnd(), '/')
}
