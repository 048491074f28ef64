/** What can be seen of a mailbox without opening it: whether something in new/ or cur/ has changed. */
import { lstatSync } from 'node:fs'
import type { Held } from './place.ts'

export interface Glance {
  /** Stays with the mailbox when it gets another name. */
  readonly id: string
  /** Another one where something has changed. Undefined for a second after each change: a further one might not show. */
  readonly key: string | undefined
}

const settlingMilliseconds = 1_000

/** @returns undefined if there is no such mailbox. @param directory - within the root */
export function glanceAt(root: Held, directory: string): Glance | undefined {
  const [fresh, cur] = ['new', 'cur'].map((part) => lstatSync(root.entry(`${directory}/${part}`), { throwIfNoEntry: false }))
  if (fresh === undefined || cur === undefined) return undefined
  const isSettled = Math.max(fresh.mtimeMs, cur.mtimeMs) < Date.now() - settlingMilliseconds
  return { id: `${cur.dev} ${cur.ino}`, key: isSettled ? `${fresh.ino} ${fresh.mtimeMs} ${cur.ino} ${cur.mtimeMs}` : undefined }
}
