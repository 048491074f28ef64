/**
 * maildir2mbox: move the mail of a Maildir into an mbox, for mail readers that know only that. README.md is the manual
 * page.
 *
 * In      the Maildir MAILDIR; the mbox MAIL, if there is one
 * Out     MAIL, a new file: the old mbox and then every message, in the order of arrival
 * Synced  the new file before it gets the name MAIL, and that name before the first message is removed from the Maildir
 * Locked  MAIL, with flock(2), from before it is read until it has been replaced
 * Trust    root becomes the owner of the Maildir
 * Crash   before the renaming leaves everything as it was, and MAILTMP; afterwards some messages are in both places
 */
import { byteEnvironment, complain, runTool } from '@yabumi/commandline'
import { becomeOwner } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import { maildirToMbox } from './move.ts'

function variable(name: string): string {
  const value = byteEnvironment().get(name)
  if (value === undefined) throw new Trouble('4.3.5', `${name} not set`)
  return value
}

void runTool('maildir2mbox', async () => {
  process.umask(0o077)
  const [mbox, temporary, maildir] = [variable('MAIL'), variable('MAILTMP'), variable('MAILDIR')]
  becomeOwner(maildir)
  for (const warning of await maildirToMbox({ mbox, temporary, maildir })) complain(`maildir2mbox: warning: ${warning}`)
  return 0
})
