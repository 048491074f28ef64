/**
 * Check a login and become the program named, as that user: `checkpassword PROG [ARG ...]` (spec §6.2).
 *
 * In      descriptor 3: login, password or APOP digest, challenge; read to its end, closed when the login is judged
 * Reads   the passwords (package password), users/cdb, the system's accounts
 * Exit    1 the login is not acceptable; 2 misused; 111 cannot be said now; otherwise PROG's own, in this same process
 * Trust   runs as root until the password is right, and never runs PROG as root
 */
import { resolve } from 'node:path'
import { becomeProgram } from '@yabumi/child'
import { byteArguments, byteEnvironment, complain, run } from '@yabumi/commandline'
import { homeDirectory } from '@yabumi/home'
import { findEntry, matches, passwordPath } from '@yabumi/password'
import { errorText, Trouble } from '@yabumi/trouble'
import { type Mailbox, mailboxOf } from '@yabumi/users'
import { become } from './account.ts'
import { type Credentials, closeCredentials, readCredentials } from './credentials.ts'
import { keepReply } from './reply.ts'

void run('checkpassword', async () => {
  const [program, ...args] = byteArguments()
  const credentials = readCredentials()
  if (program === undefined || credentials === undefined) {
    complain('checkpassword: name a program, and give login, password and challenge on descriptor 3, a NUL behind each')
    process.exit(2)
  }
  const mailbox = await check(credentials)
  if (mailbox === undefined) process.exit(1)
  closeCredentials()
  // a relative program is one of the caller's directory, not of the user's
  const file = program.includes('/') ? resolve(Buffer.from(process.cwd()).toString('latin1'), program) : program
  enter(mailbox)
  keepReply()
  const { user: USER, home: HOME, shell: SHELL } = mailbox
  const missing = becomeProgram({ file, args, env: [...byteEnvironment(), ...Object.entries({ USER, HOME, SHELL })] })
  throw new Trouble('4.3.0', `unable to run ${missing}`)
})

/** @returns undefined if the login is not acceptable */
async function check({ login, secret, challenge }: Credentials): Promise<Mailbox | undefined> {
  const home = homeDirectory()
  if (!(await matches(findEntry(passwordPath(home), login), secret, challenge))) return undefined
  const mailbox = await mailboxOf(login, home)
  if (mailbox === undefined) {
    throw new Trouble(
      '4.3.0',
      `${login} has a password but no mailbox: neither users/cdb has that name, nor an account of the system with a home of its own`,
    )
  }
  if (mailbox.uid === 0) {
    complain(`checkpassword: ${login} is root, who has no mailbox`)
    return undefined
  }
  return mailbox
}

function enter(mailbox: Mailbox): void {
  if (!become(mailbox)) {
    throw new Trouble('4.3.0', `${mailbox.user} has another uid (${mailbox.uid}) than this process, which is not root`)
  }
  try {
    process.chdir(Buffer.from(mailbox.home, 'latin1').toString('utf8'))
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to go to ${mailbox.home}: ${errorText(cause)}`, { cause })
  }
}
