/**
 * qbiff: tell the terminals of a user that mail has come. README.md is the manual page.
 *
 * In      descriptor 0: the message; USER, SENDER and LOCAL from local
 * Out     the terminals of the user who is running this
 * Trust   nothing that is not printable reaches a terminal; no trouble is worth the message, so the exit code is 0
 */
import { byteEnvironment } from '@yabumi/commandline'
import { announcement } from './announcement.ts'
import { terminalsOf, writeTo } from './terminal.ts'

async function qbiff(): Promise<void> {
  const environment = byteEnvironment()
  const [user, sender, local] = ['USER', 'SENDER', 'LOCAL'].map((name) => environment.get(name))
  if (user === undefined || sender === undefined || local === undefined) return
  const terminals = terminalsOf(user)
  if (terminals.length === 0) return
  const text = await announcement(sender, local)
  for (const terminal of terminals) writeTo(terminal, text)
}

void qbiff().catch(() => undefined)
