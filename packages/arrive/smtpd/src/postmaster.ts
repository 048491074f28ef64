/** A word to whoever runs this host: a message to its postmaster. */
import { randomBytes } from 'node:crypto'
import { headerDate, nowSeconds } from '@yabumi/dates'
import { openSubmission } from '@yabumi/enqueue'
import type { Settings } from './settings.ts'

/**
 * Somebody sends more than they may.
 *
 * @param what - a line for the log, printable
 * @returns why it could not be queued; undefined if it is. Never rejects
 */
export async function tellPostmaster(what: string, { hostName, idHost }: Settings): Promise<string | undefined> {
  const seconds = nowSeconds()
  const postmaster = `postmaster@${hostName}`
  const lines = [
    `Date: ${headerDate(seconds)}`,
    `Message-ID: <${seconds}.${process.pid}.${randomBytes(8).toString('hex')}@${idHost}>`,
    `From: ${postmaster}`,
    `To: ${postmaster}`,
    `Subject: ${what}`,
    'Auto-Submitted: auto-generated',
    '',
    `smtpd: ${what}`,
    '',
    'This is a limit of control/userlimits or control/newdomains. A stolen password shows like that. If it is one, give the login a new one by',
    'setpassword, and look at what waits with bin/qread. If it is none, the login may have a line of its own there.',
  ]
  const submission = openSubmission({ role: 'network' })
  submission.write(Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1'))
  const { verdict, text } = await submission.finish('', [postmaster])
  return verdict === 'K' ? undefined : text
}
