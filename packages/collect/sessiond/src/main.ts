/**
 * sessiond: start the session of a login as its user, for authd and nobody else. README.md is the manual page.
 *
 * Trust   runs as root. The account auth alone tells it a login and gives it a connection. Only what root alone writes
 *         says who that login is, and what runs: users/, passwd and its own command line
 */
import { announceReady, byteArguments, commandLine, complain, readyDescriptor, run } from '@yabumi/commandline'
import { StopTime } from '@yabumi/control'
import { account, accountToBecome, enterHome } from '@yabumi/home'
import { sessionCalls } from '@yabumi/limits'
import { CallerSocket, sessionSocket } from '@yabumi/loginprotocol'
import { closeInheritedOnExec } from '@yabumi/posix'
import { Logger } from './logger.ts'
import { Sessions } from './sessiond.ts'

async function main(): Promise<void> {
  closeInheritedOnExec()
  const argv = (await commandLine('sessiond', '[--ready-fd N] PROGRAM [ARG ...] [+ PROGRAM [ARG ...]]...', 'at the first argument'))
    .option('ready-fd', { type: 'string', requiresArg: true, describe: 'gets a line end once authd can ask' })
    .demandCommand(1, 'name the program that serves a session')
    .parseSync()
  const readyFd = readyDescriptor(argv['ready-fd'])
  const words = byteArguments().slice(-argv._.length)
  process.umask(0o077)
  const told = new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve))
  enterHome()
  const auth = accountToBecome('auth') ?? account('auth')
  const stopTime = new StopTime((line) => complain(`sessiond: ${line}`))
  const logger = new Logger()
  const sessions = new Sessions(words, logger)
  const socket = await CallerSocket.open(sessionSocket, auth)
  socket.answerWith({
    connectionsPerCaller: sessionCalls,
    mayCall: (uid) => uid === auth.uid,
    answer: (conversation) => sessions.answer(conversation),
    refused: () => complain(`sessiond: authd has more than ${sessionCalls} calls under way`),
  })
  announceReady(readyFd)
  await told
  socket.close()
  sessions.end()
  await Promise.race([sessions.allEnded(), new Promise((resolve) => setTimeout(resolve, 1000 * stopTime.seconds))])
  logger.stop()
}

void run('sessiond', main).then(() => process.exit())
