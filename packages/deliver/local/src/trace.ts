/** The lines that a delivery puts in front of a message (spec §2.7.7). Each ends in its only LF. */
import { quoteAddress } from '@yabumi/address'
import { mboxDate } from '@yabumi/dates'
import { type Request, recipientOf } from '@yabumi/dotfile'

/** DTLINE. */
export function deliveredTo(request: Request): string {
  return `Delivered-To: ${oneLine(recipientOf(request))}\n`
}

/** RPLINE. */
export function returnPath(sender: string): string {
  return `Return-Path: <${oneLine(quoteAddress(sender))}>\n`
}

/** UFLINE. @param seconds - the time of the delivery */
export function mboxSeparator(sender: string, seconds: number): string {
  return `From ${sender === '' ? 'MAILER-DAEMON' : sender.replace(/[ \t\n]/g, '-')} ${mboxDate(seconds)}\n`
}

function oneLine(text: string): string {
  return text.replaceAll('\n', '_')
}
