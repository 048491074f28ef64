/**
 * The home of a program: the directory that holds bin, control, queue, users and alias (spec §0.2, QH).
 *
 * YABUMI_HOME names it; without that it is the directory above the bin/ that the program was called in, so a checkout
 * is a home.
 */
import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Trouble } from '@yabumi/trouble'

const maximumLinks = 40 // as many as the system follows

let ownHome: string | undefined

/** The absolute path of the home. The first call comes before any change of the working directory. */
export function homeDirectory(): string {
  const named = process.env['YABUMI_HOME']
  if (named !== undefined && named !== '') return resolve(named)
  ownHome ??= calledIn(process.argv[2] ?? '') ?? dirname(dirname(realpathSync(process.argv[1] ?? '.'))) // dist/ lies beside bin/
  return ownHome
}

/**
 * The home that a program was called in. Its bin/ may be a link to that of a checkout, and stays what it is; a link to the program itself,
 * such as /usr/sbin/sendmail, is followed.
 *
 * @param program - as it was called: a path
 * @returns undefined if that is not in the bin/ of a home
 */
function calledIn(program: string): string | undefined {
  let path = resolve(program)
  for (let links = 0; links < maximumLinks; links += 1) {
    const home = dirname(dirname(path))
    if (basename(dirname(path)) === 'bin' && existsSync(join(home, 'control'))) return home
    if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return undefined
    path = resolve(realpathSync(dirname(path)), readlinkSync(path))
  }
  return undefined
}

/** The path of one of the home's own programs, as a byte string: for callers that stay in another directory. */
export function programPath(name: string): string {
  return Buffer.from(join(homeDirectory(), 'bin', name)).toString('latin1')
}

/**
 * Make the home the working directory, as every qmail program does first.
 *
 * @throws Trouble 4.3.0 if that cannot be done
 */
export function enterHome(): string {
  const home = homeDirectory()
  try {
    process.chdir(home)
    if (process.env['YABUMI_HOME']) process.env['YABUMI_HOME'] = home // a relative one would mean another place from now on
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to switch to home directory ${home}; make one with config-fast, or set YABUMI_HOME`, { cause })
  }
  return home
}
