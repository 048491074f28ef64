/** authd: say who may log in, for the programs that speak to strangers. README.md is the manual page. */
process.env['UV_THREADPOOL_SIZE'] ??= '8' // the checks that run at once, and room for the rest

import { dirname, join } from 'node:path'
import { announceReady, commandLine, complain, readyDescriptor, run } from '@yabumi/commandline'
import { type Account, accountToBecome, becomeAccount, enterHome, ownerOf, type Role, uidsOf } from '@yabumi/home'
import { authConnectionsPerCaller } from '@yabumi/limits'
import { authSocket, CallerSocket } from '@yabumi/loginprotocol'
import { Seldom } from '@yabumi/logline'
import { givePasswords, passwordPath } from '@yabumi/password'
import { errorText, Trouble } from '@yabumi/trouble'
import { Acquaintances } from './acquaintances.ts'
import { Authority, type Caller } from './authd.ts'
import { Checks } from './checks.ts'
import { siteSecret } from './invented.ts'
import { Judge } from './judge.ts'
import { Offers } from './offers.ts'
import { Passwords } from './passwords.ts'
import { endSessions } from './sessions.ts'

/** Whose logins it judges. */
const fronts: readonly Role[] = ['front', 'submit', 'web']

async function main(): Promise<void> {
  const argv = (await commandLine('authd', '[--ready-fd N]'))
    .option('ready-fd', { type: 'string', requiresArg: true, describe: 'gets a line end once programs can ask' })
    .parseSync()
  const readyFd = readyDescriptor(argv['ready-fd'])
  if (argv._.length > 0) throw new Trouble('5.5.4', 'usage: authd [--ready-fd N]')
  process.umask(0o077)
  const told = new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve))
  const home = enterHome()
  const auth = accountToBecome('auth')
  const callers = callersByUid()
  const socket = await CallerSocket.open(authSocket)
  if (auth !== undefined) becomeAuth(auth, home)
  const path = passwordPath('.')
  const passwords = new Passwords(path, (login) => void endSessions(login))
  const seldom = new Seldom((line) => complain(`authd: ${line}`))
  const known = new Acquaintances(join(dirname(path), 'clients'), (error) =>
    seldom.say('clients', `clients that have logged in well: ${errorText(error)}`),
  )
  const offers = new Offers(passwords, join(dirname(path), 'unverified'), (error) => seldom.say('offers', errorText(error)))
  const checks = new Checks(passwords, offers, siteSecret(join(dirname(path), 'scramsecret')), (line) => seldom.say('checks', line))
  const authority = new Authority({ passwords, offers, checks, judge: new Judge(passwords, known) })
  socket.answerWith({
    connectionsPerCaller: authConnectionsPerCaller,
    mayCall: (uid) => callers.has(uid),
    answer: (conversation, uid) => authority.answer(conversation, callers.get(uid) ?? new Set(), uid),
    refused: (uid) => seldom.say('refused', `uid ${uid} asks more than ${authConnectionsPerCaller} things at once; the rest is not heard`),
  })
  announceReady(readyFd)
  await told
  socket.close()
  known.save()
  offers.save()
}

/** What each account may ask. In a home of one user that one may ask everything. */
function callersByUid(): Map<number, Set<Caller>> {
  const callers = new Map<number, Set<Caller>>()
  const allow = (uid: number, caller: Caller): unknown => callers.set(uid, (callers.get(uid) ?? new Set()).add(caller))
  for (const uid of uidsOf(fronts)) allow(uid, 'front')
  for (const uid of [0, ownerOf('.').uid]) allow(uid, 'owner')
  return callers
}

/** Root gives the passwords to the account that keeps them from now on. */
function becomeAuth(auth: Account, home: string): void {
  if (givePasswords(auth)) complain(`authd: the passwords are in ${home}/state/auth now`)
  becomeAccount(auth)
}

void run('authd', main).then(() => process.exit())
