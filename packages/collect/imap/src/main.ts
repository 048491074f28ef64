/**
 * Serve one client by IMAP, on descriptors 0 and 1, as the user whose mail it is: `imap MAILDIR TAG` or
 * `imap --delivered [TEXT] TAG`. With `--worker` in front, and without TAG, serve those that sessiond hands over.
 *
 * In       descriptor 0: the client, already logged in by a command with that tag, which is answered here; or 3:
 *          sessiond. The working directory is the user's home
 * TERM     ends a session at once if no command is under way, else after its answer, within control/stoptime. A
 *          second TERM ends it at once
 * Exit     0 whatever the client did; 1 if called as root, whose mail nobody should read
 */
import { byteArguments, byteEnvironment, calledName, complain, run } from '@yabumi/commandline'
import { StopTime } from '@yabumi/control'
import { mailboxOfDeliveries } from '@yabumi/delivered'
import { homeDirectory } from '@yabumi/home'
import { MailAccount } from '@yabumi/mailfolder'
import { errorText, Trouble } from '@yabumi/trouble'
import { commands } from './commands/index.ts'
import { Connection } from './connection.ts'
import { needMaildir } from './maildir.ts'
import { quotaOf } from './mailquota.ts'
import { Session } from './session.ts'
import { farewell, type Served, Worker } from './worker.ts'

const log = (line: string): void => complain(`imap: ${line}`)
const isWorker = byteArguments()[0] === '--worker'
const isDelivered = byteArguments()[0] === '--delivered' || byteArguments()[1] === '--delivered'

void run('imap', async () => {
  const words = byteArguments()
  if (words.length < 2) throw new Trouble('5.5.4', `usage: ${calledName('imap')} [--worker] MAILDIR|--delivered [TEXT] [TAG]`)
  if (process.getuid?.() === 0) {
    complain(`${calledName('imap')} invoked as uid 0, terminating`)
    process.exit(1)
  }
  const account = openAccount(isWorker ? words.slice(1) : words.slice(0, -1))
  if (isWorker) {
    const worker: Worker = new Worker(3, (fd) => serve(new Connection(fd), account, () => worker.takesParked))
    endAtTerm(() => worker.leave())
    await worker.work()
  } else {
    const session = serve(new Connection(0), account, () => false)
    endAtTerm(() => session.leave(farewell))
    await session.serve(words.at(-1) ?? '')
  }
  account?.end()
  process.exit()
})

function endAtTerm(end: () => void): void {
  process.once('SIGTERM', () => {
    setTimeout(() => process.exit(), 1000 * new StopTime(log, homeDirectory()).seconds)
    end()
  })
}

/** @param account - undefined if it cannot be opened, which the client is told */
function serve(connection: Connection, account: MailAccount | undefined, mayRest: () => boolean): Served {
  if (account !== undefined) {
    const session = new Session(connection, account, commands, log)
    session.resting.mayBegin = mayRest
    return session
  }
  const refuse = async (tag: string): Promise<undefined> => {
    connection.put(`${tag} ${tag === '*' ? 'BYE' : 'NO'} [UNAVAILABLE] your mailbox cannot be opened now\r\n`)
    await connection.end()
  }
  return { leave: () => undefined, serve: refuse, resume: () => refuse('*') }
}

/** @returns undefined if it cannot be opened; the log has the reason */
function openAccount([name = '', text]: readonly string[]): MailAccount | undefined {
  try {
    const path = isDelivered ? mailboxOfDeliveries(byteEnvironment().get('USER') ?? '', log, text) : name
    needMaildir(path)
    return new MailAccount(path, quotaOf(homeDirectory(), log))
  } catch (error) {
    log(errorText(error))
    return undefined
  }
}
