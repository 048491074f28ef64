/**
 * Take the programs, pages and documents away. Mail, settings, users and accounts stay: nothing of a home is removed
 * but its links to them.
 */
import { lstatSync, readdirSync, readlinkSync, rmdirSync, rmSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { roles } from '@yabumi/home'
import { accountName, findAccount } from '@yabumi/homeaccounts'
import { installedParts } from './parts.ts'
import { recordedPaths } from './programs.ts'
import { removeFile } from './put.ts'
import { placesOf, type Settings } from './settings.ts'

/** @param say - is given a line for each thing that is left */
export function uninstall(settings: Settings, say: (line: string) => void): void {
  const places = placesOf(settings)
  for (const path of recordedPaths(places).map((each) => `${settings.destdir}${each}`)) {
    removeFile(path)
    if (path.startsWith(places.doc)) removeEmpty(dirname(path), places.doc)
  }
  rmSync(places.lib, { recursive: true, force: true })
  for (const part of installedParts(settings.prefix)) {
    const path = join(places.home, part.path)
    if (part.kind === 'link' && isLinkTo(path, part.target)) unlinkSync(path)
  }
  if (lstatSync(places.home, { throwIfNoEntry: false }) !== undefined) say(`${places.home} stays, with its mail, settings and users`)
  const left = process.getuid?.() === 0 ? roles.filter((role) => findAccount(role, settings) !== undefined) : []
  if (left.length > 0)
    say(`these accounts stay, because files there are theirs: ${left.map((role) => accountName(role, settings)).join(' ')}`)
}

/** A directory, and those above it up to `top`, as far as nothing is in them. */
function removeEmpty(directory: string, top: string): void {
  for (let path = directory; path.startsWith(top); path = dirname(path)) {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) continue
    if (readdirSync(path).length > 0) return
    rmdirSync(path)
  }
}

function isLinkTo(path: string, target: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && readlinkSync(path) === target
}
