/**
 * Put the tree of a state onto a real disk, beside others in the same home.
 *
 * The name of a message is the inode of its mess file, which nobody can choose: so each message gets the number that its new file happens
 * to have, in all of its names. The tag, in addresses, paths and messages, becomes that of the state; no file changes its length.
 */
import { chmodSync, chownSync, linkSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { userAccount } from '../support/home.ts'
import type { Tree } from './disk.ts'
import { messagesIn } from './queuetable.ts'
import type { ScenarioHome } from './scenariohome.ts'

/** @returns the new number of each message */
export function rebuild(scenarioHome: ScenarioHome, tree: Tree, from: string, tag: string): Map<string, string> {
  const numbers = new Map<string, string>()
  for (const [number, files] of messagesIn(tree.keys())) {
    const mess = files.has('mess') ? tree.get(`queue/mess/${Number(number) % 23}/${number}`) : undefined
    numbers.set(number, placeMess(scenarioHome, mess === undefined ? undefined : retag(mess.bytes, from, tag), `${tag}.${number}`))
  }
  const placed = new Map<number, string>()
  for (const [path, { inode, bytes }] of tree) {
    const [, place = '', number] = /^queue\/(\w+)\/(?:\d+\/)?(\d+)$/.exec(path) ?? []
    if (place === 'mess') continue
    const named = number === undefined ? uniquePath(path, from, tag) : queuePath(place, numbers.get(number) ?? number)
    const twin = placed.get(inode)
    if (twin === undefined) put(scenarioHome, named, retag(bytes, from, tag))
    else linkSync(scenarioHome.path(twin), scenarioHome.path(named))
    placed.set(inode, named)
  }
  return numbers
}

/** A mess file, or where there is none a file elsewhere, so that nobody else gets its number. */
function placeMess(scenarioHome: ScenarioHome, bytes: Buffer | undefined, name: string): string {
  const held = join(scenarioHome.home.root, 'hold', name)
  writeFileSync(held, bytes ?? '')
  const number = String(statSync(held).ino)
  if (bytes !== undefined) {
    own(scenarioHome, held, 'queue/mess')
    renameSync(held, scenarioHome.path(queuePath('mess', number)))
  }
  return number
}

function queuePath(place: string, number: string): string {
  return ['mess', 'info', 'local', 'remote'].includes(place)
    ? `queue/${place}/${Number(number) % 23}/${number}`
    : `queue/${place}/${number}`
}

/** Names in directories that the states share must not meet. */
function uniquePath(path: string, from: string, tag: string): string {
  if (path.startsWith('queue/pid/')) return path.replace('pid/', `pid/${Number(tag.slice(1))}0`)
  return path.includes(from) ? path.replaceAll(from, tag) : `${path}.${tag}`
}

/** Bytes with another tag, as long as before. */
export function retag(bytes: Buffer, from: string, tag: string): Buffer {
  return bytes.includes(from) ? Buffer.from(bytes.toString('latin1').replaceAll(from, tag), 'latin1') : bytes
}

function put(scenarioHome: ScenarioHome, path: string, bytes: Buffer): void {
  const real = scenarioHome.path(path)
  mkdirSync(dirname(real), { recursive: true })
  writeFileSync(real, bytes)
  own(scenarioHome, real, path)
}

const closed = ['queue/info', 'queue/local', 'queue/remote', 'queue/bounce', 'boxes']

/** Owner and mode as the programs leave them. */
function own(scenarioHome: ScenarioHome, real: string, path: string): void {
  const { uid, gid } = path.startsWith('boxes/') ? userAccount : statSync(scenarioHome.path('queue'))
  chownSync(real, uid, gid)
  chmodSync(real, closed.some((place) => path.startsWith(`${place}/`)) ? 0o600 : 0o644)
}
