/**
 * recipientd: say which recipients do not exist, for the programs that hear mail. README.md is the manual page.
 *
 * Trust   runs as root, as lspawn does, because it starts others: a process that has become the home's user makes each
 *         look into a home. The accounts smtp, submit and front alone tell it addresses. Only what root alone writes
 *         says who users are
 */
import { startProgram } from '@yabumi/child'
import { announceReady, byteArguments, byteEnvironment, commandLine, complain, readyDescriptor, run } from '@yabumi/commandline'
import { enterHome, uidsOf, userWords } from '@yabumi/home'
import {
  recipientAnswerSeconds,
  recipientCallsPerCaller,
  recipientHangingLooks,
  recipientKeptSeconds,
  recipientLookSeconds,
  recipientLookStartSeconds,
  recipientLooks,
  recipientSilentHomeSeconds,
} from '@yabumi/limits'
import { CallerSocket } from '@yabumi/loginprotocol'
import { Seldom } from '@yabumi/logline'
import { closeInheritedOnExec } from '@yabumi/posix'
import { type Answer, Recipients } from '@yabumi/recipient'
import { recipientSocket } from '@yabumi/recipientprotocol'
import { Senders } from '@yabumi/senders'
import { Trouble } from '@yabumi/trouble'
import { type User, Users, WatchedHomes } from '@yabumi/users'
import { lookAsUser } from './lookasuser.ts'
import { type LookLimits, Looks } from './looks.ts'
import { Recipientd } from './recipientd.ts'

const lookOption = '--look'
const limits: LookLimits = {
  looks: recipientLooks,
  hanging: recipientHangingLooks,
  startSeconds: recipientLookStartSeconds,
  lookSeconds: recipientLookSeconds,
  silentSeconds: recipientSilentHomeSeconds,
}

async function main(): Promise<void> {
  if (byteArguments()[0] === lookOption) {
    lookAsUser(byteArguments().slice(1))
    return
  }
  closeInheritedOnExec()
  const argv = (await commandLine('recipientd', '[--ready-fd N]'))
    .option('ready-fd', { type: 'string', requiresArg: true, describe: 'gets a line end once programs can ask' })
    .parseSync()
  if (argv._.length > 0) throw new Trouble('5.5.4', 'usage: recipientd [--ready-fd N]')
  const readyFd = readyDescriptor(argv['ready-fd'])
  const told = new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve))
  const home = enterHome()
  const callers = uidsOf(['smtp', 'submit', 'front'])
  const log = (line: string): void => complain(`recipientd: ${line}`)
  const looks = new Looks(startLook, log, limits)
  const homes = new WatchedHomes(log, {
    lookSeconds: recipientLookSeconds,
    looks: recipientHangingLooks,
    knownSeconds: recipientKeptSeconds,
  })
  const users = new Users(home, undefined, homes)
  const recipients = recipientsOf(users, looks)
  const senders = new Senders(users, log)
  const recipientd = new Recipientd(
    (recipient) => recipients.answer(recipient),
    (login, addresses) => senders.answer(login, addresses),
    log,
  )
  const refusals = new Seldom(log)
  const socket = await CallerSocket.open(recipientSocket)
  socket.answerWith({
    connectionsPerCaller: recipientCallsPerCaller,
    mayCall: (uid) => callers.has(uid),
    answer: (conversation) => recipientd.answer(conversation),
    refused: (uid) => refusals.say('refused', `uid ${uid} asks more than ${recipientCallsPerCaller} things at once; the rest is not heard`),
  })
  announceReady(readyFd)
  await told
  socket.close()
  looks.end()
}

function recipientsOf(users: Users, looks: Looks): Recipients {
  const uid = process.geteuid?.() ?? 0
  return new Recipients(users, async (user, request): Promise<Answer> => {
    const until = performance.now() + 1000 * recipientAnswerSeconds
    if (uid !== 0 && uid !== user.uid) throw new Trouble('4.3.5', `only root can look into the home of ${user.user}`)
    const groups = uid === 0 ? await users.groupsOf(user) : []
    return { verdict: await looks.look(user, groups, request, until), because: '' }
  })
}

/** A user's process holds neither the log nor anything else that is open here. */
function startLook({ uid, gid }: User, groups: readonly number[]): ReturnType<typeof startProgram> {
  const words = process.geteuid?.() === 0 ? userWords({ uid, gid, groups }) : []
  return startProgram(
    { file: 'bin/recipientd', args: [lookOption, ...words], env: byteEnvironment() },
    { stdio: ['pipe', 'pipe', 'ignore'] },
  )
}

void run('recipientd', main).then(() => process.exit())
