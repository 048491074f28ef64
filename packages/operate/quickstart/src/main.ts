/** quickstart: make this host the mail host of a domain. README.md is the manual page. */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { commandLine, run, say } from '@yabumi/commandline'
import { homeDirectory } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import { isRunning, lookAround } from './look.ts'
import { Programs } from './programs.ts'
import { prove } from './proof/proof.ts'
import { addressOf, type Plan, type Step, stepsOf } from './steps.ts'
import { findSupervisor } from './supervisors.ts'
import { wishOf } from './wish.ts'

const usage = '[--host NAME] [--relay HOST[:PORT] [--relay-user USER]] [--dry-run] YOU@DOMAIN'

async function main(): Promise<void> {
  const argv = (await commandLine('quickstart', usage))
    .option('host', { type: 'string', requiresArg: true, describe: 'what this host is called (control/me, else mail.DOMAIN)' })
    .option('relay', { type: 'string', requiresArg: true, describe: 'all mail goes out by this host, port 587 if none is said' })
    .option('relay-user', { type: 'string', requiresArg: true, describe: 'the login there; the password is a line on descriptor 0' })
    .option('dry-run', { type: 'boolean', default: false, describe: 'say what would be done, and do nothing' })
    .parseSync()
  const [address, extra] = argv._.map(String)
  if (address === undefined || extra !== undefined) throw new Trouble('5.5.4', `usage: quickstart ${usage}`)
  const wish = wishOf(address, { host: argv.host, relay: argv.relay, relayUser: argv['relay-user'] })
  const home = homeDirectory()
  const programs = new Programs(programsDirectory(), home)
  const hostName = lookAround(home, wish)
  const dryRun = argv['dry-run']
  const relaySecret = wish.relay?.user === undefined || dryRun ? undefined : secretLine()
  const accountPrefix = process.env['ACCOUNT_PREFIX'] || 'yabumi-'
  const plan: Plan = { wish, home, hostName, programs, supervisor: findSupervisor(), relaySecret, accountPrefix }
  const isNew = !existsSync(`${home}/control/me`)
  for (const step of stepsOf(plan)) await take(step, dryRun)
  if (dryRun) return
  for (const line of await prove(home, addressOf(wish), isNew)) say(`proof: ${line}\n`)
  say(`\nThe records to publish:\n${await programs.run('dnsadvice', [wish.domain])}`)
  say(isRunning(home) ? '\nIt runs.\n' : `\nNext: ${plan.supervisor.next(home)}\n`)
}

async function take(step: Step, dryRun: boolean): Promise<void> {
  const isDone = await step.isDone()
  say(`${step.says}${isDone ? ': done before' : ''}\n`)
  if (!isDone && !dryRun) for (const line of await step.does()) say(`  ${line}\n`)
}

/** This program's own bin/. */
function programsDirectory(): string {
  return join(dirname(dirname(realpathSync(process.argv[1] ?? '.'))), 'bin')
}

/** @throws Trouble 5.5.4 without one */
function secretLine(): string {
  const line = readFileSync(0, 'latin1').split(/\r?\n/, 1)[0] ?? ''
  if (line === '' || line.includes('|')) throw new Trouble('5.5.4', 'the password of the relay is a line on descriptor 0, without "|"')
  return line
}

void run('quickstart', main)
