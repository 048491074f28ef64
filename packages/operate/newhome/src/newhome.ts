/**
 * Make a directory a home for a host. What is there already stays as it is, so that it may be done again at any time,
 * after an update or a mishap.
 */
import { closeSync, constants, existsSync, fchmodSync, lstatSync, mkdirSync, openSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { readLine } from '@yabumi/control'
import { becomeOwner, hasAccounts, homeDirectory, inDirectory, keysGroup } from '@yabumi/home'
import { selfSigned } from '@yabumi/selfsigned'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { ownersHere, readerName } from './accounts.ts'
import { homeParts } from './layout.ts'
import { makePart } from './make.ts'

const hostName = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*)(\.[A-Za-z0-9_][A-Za-z0-9_-]*)*$/
/** Parts that a checkout brings along, with the modes of a checkout. */
const queueMode = 0o750
/** Nobody renews it: it keeps listeners away, and no program can tell from it whose it is. */
const certificateYears = 10

/** Whether this can be the name of a host, as control files and addresses take it. */
export function isHostName(text: string): boolean {
  return hostName.test(text)
}

/** What came of it. */
export interface Outcome {
  readonly home: string
  /** How many parts were missing. */
  readonly made: number
  /** Whether it was a home before. */
  readonly wasHome: boolean
  /** control/me, which may have been there before. */
  readonly me: string
  /** Whether everything is root's, so that every program of it runs as root. */
  readonly isRoots: boolean
}

/**
 * Make the home that YABUMI_HOME or the place of the program names, and enter it.
 *
 * @param locals - names of this host for which mail is taken; all of them are in locals and rcpthosts
 * @throws Trouble that names the part
 */
export async function makeHome(host: string, locals: readonly string[] = [host]): Promise<Outcome> {
  process.umask(0)
  enterNewHome()
  becomeOwner('.')
  const ownerOf = await ownersHere()
  if (lstatSync('queue', { throwIfNoEntry: false })?.isDirectory() && !existsSync('queue/lock')) setQueueMode()
  const wasHome = existsSync('control/me')
  let made = 0
  const closed = ownerOf('intake') !== undefined
  const certificate = wasHome ? undefined : newCertificate(host)
  const hasKeys = keysGroup() !== undefined
  const parts = homeParts({ host, locals, reader: await readerName(), programs: programsDirectory(), closed, certificate, hasKeys })
  for (const part of parts) if (makePart(part, ownerOf)) made += 1
  const isRoots = process.getuid?.() === 0 && !hasAccounts('.') && ownerOf('queue')?.uid === 0
  return { home: process.cwd(), made, wasHome, me: readLine('me') ?? '', isRoots }
}

/** What the directory is now, in a line; and in another one that no account was made. */
export function outcomeLines({ home, made, wasHome, me, isRoots }: Outcome, host: string): string {
  const kept = me === host ? '' : '; control/me was there before and stays'
  const warning = isRoots
    ? `everything in it is root's, and every program of it runs as root: no account was made (make install makes them)\n`
    : ''
  const parts = wasHome && made > 0 ? `; what was missing in it is made (${made})` : ''
  return `${home} ${wasHome ? 'is' : 'is now'} a home for ${me}${kept}${parts}\n${warning}`
}

function newCertificate(host: string): string {
  const [from, until] = [new Date(), new Date()]
  until.setUTCFullYear(from.getUTCFullYear() + certificateYears)
  return selfSigned(host, { from, until })
}

/** This program's own bin/, for a home that has none. */
function programsDirectory(): string {
  return join(dirname(dirname(realpathSync(process.argv[1] ?? '.'))), 'bin')
}

function setQueueMode(): void {
  const { uid } = lstatSync('queue')
  const mine = process.geteuid?.() ?? uid
  if (mine !== 0 && mine !== uid) {
    const whose = `${process.cwd()}/queue belongs to uid ${uid}, and this is uid ${mine}`
    throw new Trouble('4.3.0', `${whose}; run config-fast as that account or as root`)
  }
  const fd = openSync('queue', constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    fchmodSync(fd, queueMode)
  } finally {
    closeSync(fd)
  }
}

function enterNewHome(): void {
  const home = homeDirectory()
  if (!process.env['YABUMI_HOME'] && !existsSync(join(home, 'bin/config-fast'))) {
    throw new Trouble('5.5.4', `${home} is no checkout; set YABUMI_HOME to the directory that shall be a home`)
  }
  try {
    inDirectory(dirname(home), (directory) => mkdirSync(`${directory}/${basename(home)}`, 0o755))
  } catch (cause) {
    if (errnoOf(cause) !== 'EEXIST') throw new Trouble('4.3.0', `unable to make ${home}: ${errorText(cause)}`, { cause })
  }
  try {
    inDirectory(home, (directory) => process.chdir(directory))
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to use ${home} as a home: ${errorText(cause)}`, { cause })
  }
}
