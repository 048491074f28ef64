/**
 * config-fast: make a directory a home for a host. README.md is the manual page.
 *
 * What is there already stays as it is, so that it may be run again at any time, after an update or a mishap.
 */
import { chmodSync, existsSync, mkdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { commandLine, run } from '@yabumi/commandline'
import { readLine } from '@yabumi/control'
import { homeDirectory } from '@yabumi/home'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { aliasOwner, becomeOwner, readerName } from './accounts.ts'
import { homeParts } from './layout.ts'
import { makePart } from './make.ts'

const hostName = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*)(\.[A-Za-z0-9_][A-Za-z0-9_-]*)*$/
/** Parts that a checkout brings along, with the modes of a checkout. */
const queueMode = 0o750

/** This program's own bin/, for a home that has none. */
function programsDirectory(): string {
  return join(dirname(dirname(realpathSync(process.argv[1] ?? '.'))), 'bin')
}

function enterNewHome(): void {
  const home = homeDirectory()
  if (!process.env['YABUMI_HOME'] && !existsSync(join(home, 'bin/config-fast'))) {
    throw new Trouble('5.5.4', `${home} is no checkout; set YABUMI_HOME to the directory that shall be a home`)
  }
  try {
    mkdirSync(home, 0o755)
  } catch (cause) {
    if (errnoOf(cause) !== 'EEXIST') throw new Trouble('4.3.0', `unable to make ${home}: ${errorText(cause)}`, { cause })
  }
  try {
    process.chdir(home)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to use ${home} as a home: ${errorText(cause)}`, { cause })
  }
}

async function configure(host: string): Promise<void> {
  process.umask(0)
  enterNewHome()
  becomeOwner()
  const alias = await aliasOwner()
  if (existsSync('queue') && !existsSync('queue/lock')) chmodSync('queue', queueMode)
  let made = 0
  for (const part of homeParts(host, await readerName(), programsDirectory())) if (makePart(part, alias)) made += 1
  const me = readLine('me') ?? ''
  const kept = me === host ? '' : '; control/me was there before and stays'
  process.stdout.write(`${process.cwd()} ${made === 0 ? 'is' : 'is now'} a home for ${me}${kept}\n`)
}

async function main(): Promise<void> {
  const argv = (await commandLine('config-fast', 'HOST')).parseSync()
  const [host, ...more] = argv._.map(String)
  if (host === undefined || more.length > 0) throw new Trouble('5.5.4', 'usage: config-fast HOST')
  if (!hostName.test(host)) throw new Trouble('5.5.4', `${JSON.stringify(host)} is not the name of a host; say it as in mail.example.org`)
  await configure(host)
}

void run('config-fast', main)
