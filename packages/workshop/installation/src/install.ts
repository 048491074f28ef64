/**
 * Install: programs below PREFIX, a home, its accounts. What is there already in the home stays; so do the accounts.
 */
import { chmodSync, chownSync, existsSync, lstatSync, readlinkSync } from 'node:fs'
import { basename, relative } from 'node:path'
import { newSettings } from '@yabumi/controlfiles'
import { inDirectory, makeDirectories } from '@yabumi/home'
import { findIntake, homeMode, makeHomeParts, ownersOf } from '@yabumi/homeaccounts'
import { Trouble } from '@yabumi/trouble'
import { installedParts } from './parts.ts'
import { type Item, libraryItems, recordedPaths, sharedItems } from './programs.ts'
import { putItem, removeFile, unableToInstall } from './put.ts'
import { type Places, placesOf, type Settings } from './settings.ts'
import { filesBelow } from './walk.ts'

/** @param say - is given a line for each thing that an operator should know */
export function install(settings: Settings, say: (line: string) => void): void {
  process.umask(0o022)
  const places = placesOf(settings)
  const library = libraryItems(settings)
  const shared = sharedItems(settings)
  refuseOthersSendmail(settings, shared)
  const ownerOf = ownersOf(settings, say)
  for (const item of [...library, ...shared]) putItem(item)
  removeOld(settings, places, shared)
  putItem({ kind: 'text', path: places.manifest, text: shared.map(({ path }) => `${pathIn(settings, path)}\n`).join(''), mode: 0o644 })
  removeStrays(places, library)
  try {
    makeDirectories(places.home)
  } catch (cause) {
    throw unableToInstall(places.home, cause)
  }
  inDirectory(places.home, (directory) => process.chdir(directory))
  process.umask(0)
  const { uid, gid } = ownerOf('home')
  chownSync('.', uid, gid)
  chmodSync('.', homeMode)
  makeHomeParts(installedParts(settings.prefix, findIntake(settings) !== undefined), ownerOf)
}

/** What another mail system has put there is its own. @throws Trouble 4.3.0 before anything is installed */
function refuseOthersSendmail({ sendmail, destdir }: Settings, shared: readonly Item[]): void {
  const path = `${destdir}${sendmail}`
  const item = shared.find((each) => each.path === path)
  if (item?.kind !== 'link') return
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined || (stats.isSymbolicLink() && readlinkSync(path) === item.target)) return
  throw new Trouble(
    '4.3.0',
    `${path} is another mail system's; remove that, or move it away (dpkg-divert --local --rename --add ${sendmail}), and run make install again`,
  )
}

/** Whether the sendmail of the system is ours. */
export function hasSendmail(settings: Settings): boolean {
  return settings.sendmail !== '' || recordedPaths(placesOf(settings)).some((path) => basename(path) === 'sendmail')
}

/** What a new home would have in control/, and this one has not: a name and its value each. */
export function absentSettings({ destdir, home }: Settings): string[] {
  const absent = newSettings.filter(([name]) => !existsSync(`${destdir}${home}/control/${name}`))
  return absent.map(([name, value]) => `${name} ${value.replaceAll('\n', '; ')}`)
}

/** Pages and documents of an earlier installation that this one does not have. */
function removeOld(settings: Settings, places: Places, shared: readonly Item[]): void {
  const kept = new Set(shared.map(({ path }) => path))
  for (const path of recordedPaths(places).map((each) => `${settings.destdir}${each}`)) if (!kept.has(path)) removeFile(path)
}

/** Everything in lib/ is ours. */
function removeStrays({ lib, manifest }: Places, library: readonly Item[]): void {
  const kept = new Set([manifest, ...library.map(({ path }) => path)])
  for (const [path] of filesBelow(lib)) if (!kept.has(path)) removeFile(path)
}

function pathIn({ destdir }: Settings, path: string): string {
  return destdir === '' ? path : `/${relative(destdir, path)}`
}
