/**
 * start: wire send, lspawn, rspawn and clean together, then become send. README.md is the manual page.
 */
import { existsSync, writeSync } from 'node:fs'
import { becomeProgram } from '@yabumi/child'
import { byteArguments, byteEnvironment, commandLine, complain, invokedAs, run } from '@yabumi/commandline'
import { accountToBecome, becomeAccount, enterHome, isOurs, uidOf } from '@yabumi/home'
import { closeInheritedOnExec } from '@yabumi/posix'
import { Trouble } from '@yabumi/trouble'
import { runAs } from './as.ts'
import { startChild } from './child.ts'
import { EarlySignals } from './earlysignals.ts'
import { factsFor } from './facts.ts'
import { queueListens } from './listener.ts'
import { findProgram, type ProgramName } from './programs.ts'
import { sparesFor } from './spares.ts'
import { wideNumbersFor } from './widenumbers.ts'
import { Wiring } from './wiring.ts'

const defaultDelivery = './Mailbox' // as qmail-start has it

async function start(): Promise<void> {
  const signals = new EarlySignals()
  closeInheritedOnExec()
  const [delivery = defaultDelivery, ...logger] = byteArguments()
  if (delivery === '--as') runAs(logger)
  if (delivery.startsWith('--')) await (await commandLine('start', '[DEFAULTDELIVERY [LOGGER ARGUMENT ...]]')).parseAsync()
  enterHome()
  refuseOthers()
  process.umask(0o077)
  const environment = byteEnvironment()
  const find = (name: ProgramName): string => findProgram(name, invokedAs(), environment.get('PATH') ?? '')
  const numbers = wideNumbersFor(find('send'))
  const facts = factsFor(find)
  const sender = { file: find('send'), args: [...numbers, ...facts, ...sparesFor(find)], env: environment }
  const senderAccount = accountToBecome('send')
  const wiring = new Wiring(logger.length > 0)
  startLogger(logger, wiring)
  startChild({ file: find('lspawn'), args: [delivery, ...numbers], ends: wiring.lspawn })
  startChild({ file: find('rspawn'), args: [...numbers, ...facts], ends: wiring.rspawn, role: 'remote' })
  startChild({ file: find('clean'), args: [], ends: wiring.clean, role: 'queue' })
  if (!(await queueListens())) startChild({ file: find('queue'), args: ['--listen', '--lifeline', '3'], lifeline: wiring.lifeline })
  if (process.getuid?.() === 0 && senderAccount === undefined) warn()
  const told = isOurs(sender.file, 'send') ? await signals.heard() : []
  wiring.become()
  if (senderAccount !== undefined) becomeAccount(senderAccount)
  const missing = becomeProgram({ ...sender, args: [...sender.args, ...told] })
  writeSync(0, `alert: cannot start: unable to run ${missing}\n`) // descriptor 2 is not ours any more
  process.exit(111)
}

/** Somebody else's send could neither lock the queue nor read it, and would say so in a line that names nobody. */
function refuseOthers(): void {
  const caller = process.getuid?.()
  if (caller === 0 || !existsSync('queue')) return
  const owner = uidOf('queue')
  if (caller !== owner)
    throw new Trouble(
      '4.3.0',
      `${process.cwd()}/queue belongs to uid ${owner}, and this is uid ${caller}; run start as that account or as root`,
    )
}

/** As the account of logs; in a home whose accounts/ has none, as the one that has the fewest rights there. */
function startLogger([file, ...args]: string[], wiring: Wiring): void {
  if (file !== undefined) startChild({ file, args, ends: wiring.logger, role: existsSync('accounts/log') ? 'log' : 'remote' })
}

/** Nothing is kept from anybody in a home that is root's alone. */
function warn(): void {
  complain(
    `start: everything in ${process.cwd()} is root's, so every program of it runs as root; make install gives each an account of its own`,
  )
}

void run('start', start).then(() => process.exit())
