/** A word to whoever runs this host: a message to its postmaster. */
import { randomBytes } from 'node:crypto'
import { headerDate, nowSeconds } from '@yabumi/dates'
import { openSubmission } from '@yabumi/enqueue'
import type { Controls } from '../controls.ts'

/**
 * A login is held.
 *
 * @param what - a line of the log, printable
 * @returns false if it could not be queued. Never rejects
 */
export async function tellPostmaster(what: string, { bounceHost }: Controls): Promise<boolean> {
  const seconds = nowSeconds()
  const postmaster = `postmaster@${bounceHost}`
  const lines = [
    `Date: ${headerDate(seconds)}`,
    `Message-ID: <${seconds}.${process.pid}.${randomBytes(8).toString('hex')}@${bounceHost}>`,
    `From: ${postmaster}`,
    `To: ${postmaster}`,
    `Subject: ${what}`,
    'Auto-Submitted: auto-generated',
    '',
    `send: ${what}`,
    '',
    'This is the limit of control/bouncehold. A stolen password shows like that. If it is one, give the login a new one by setpassword, and',
    'remove what waits with bin/qrm. If it is none, bin/qrelease lets the messages go; with the first of them the login is free again.',
  ]
  const submission = openSubmission({ role: 'bounce' })
  submission.write(Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1'))
  return (await submission.finish('', [postmaster])).verdict === 'K'
}
