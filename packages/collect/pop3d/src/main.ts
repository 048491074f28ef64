/**
 * Serve one mailbox by POP3: `pop3d MAILDIR`, `pop3d MBOX` or `pop3d --delivered`, on descriptors 0 and 1, as the user
 * whose mail it is.
 *
 * In       descriptor 0: the client, already logged in; the working directory is the user's home
 * Touches  the mailbox, at QUIT only (and old files of tmp/ at the start)
 * TERM     ends the session at once if no command is under way, else after its reply, within control/stoptime. A second
 *          TERM ends it at once
 * Exit     0 whatever the client did; 1 if called as root, whose mail nobody should fetch
 */
import { byteArguments, byteEnvironment, calledName, complain, run } from '@yabumi/commandline'
import { StopTime } from '@yabumi/control'
import { homeDirectory } from '@yabumi/home'
import { popSilenceSeconds } from '@yabumi/limits'
import { PopSwitch, refusal } from '@yabumi/pop3'
import { errorText, Trouble } from '@yabumi/trouble'
import { Connection, LineTooLong } from './connection.ts'
import { openDelivered, openMailbox } from './mailbox.ts'
import { CannotScan, type Maildrop } from './maildrop.ts'
import { serve } from './session.ts'

const leave = (): never => process.exit(0)
const isDelivered = byteArguments()[0] === '--delivered'

void run('pop3d', async () => {
  const [name = ''] = byteArguments()
  if (name.startsWith('--') && !isDelivered) throw new Trouble('5.5.4', `there is no option ${name}; see ${calledName('pop3d')} --help`)
  if (process.getuid?.() === 0) {
    complain(`${calledName('pop3d', 'qmail-pop3d')} invoked as uid 0, terminating`)
    process.exit(1)
  }
  const isExtended = new PopSwitch('popextensions', (line) => complain(`pop3d: ${line}`), homeDirectory()).isOn
  const connection = new Connection(0, 1, popSilenceSeconds, leave)
  process.once('SIGTERM', () => {
    setTimeout(leave, 1000 * new StopTime((line) => complain(`pop3d: ${line}`), homeDirectory()).seconds)
    connection.leave(isExtended ? `${refusal('this session ends here; no message was removed', 'SYS/TEMP', isExtended)}\r\n` : '')
  })
  const problem = await pop3(connection, isExtended)
  if (problem !== undefined) connection.put(`${problem}\r\n`)
  await connection.flush()
  leave()
})

/** The mailbox that the arguments name; undefined if it is not there. @throws CannotScan */
async function mailbox(): Promise<Maildrop | undefined> {
  const [name, text] = byteArguments()
  if (!isDelivered) return openMailbox(name)
  const { mailboxOfDeliveries } = await import('@yabumi/delivered') // late: others should not pay for loading it
  return openDelivered(mailboxOfDeliveries(byteEnvironment().get('USER') ?? '', (line) => complain(`pop3d: ${line}`), text))
}

/** @returns why there is no session, or none any more */
async function pop3(connection: Connection, isExtended: boolean): Promise<string | undefined> {
  try {
    const maildrop = await mailbox()
    if (maildrop === undefined) return refusal('this user has no $HOME/Maildir', 'SYS/PERM', isExtended)
    await serve(connection, maildrop, isExtended)
  } catch (error) {
    if (error instanceof CannotScan) return refusal('unable to scan $HOME/Maildir', error.isInUse ? 'IN-USE' : 'SYS/TEMP', isExtended)
    if (error instanceof LineTooLong) return '-ERR line too long'
    complain(`pop3d: ${errorText(error)}`)
    leave() // in the middle of a message perhaps: the client must not take it for whole
  }
  return undefined
}
