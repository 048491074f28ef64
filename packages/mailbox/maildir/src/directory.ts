/**
 * Directory syncs that are shared. Those who ask while one is under way, or in the same turn, are all served by the
 * next one together (group commit).
 */
import { closeSync, openSync } from 'node:fs'
import { flush } from './flush.ts'

interface Round {
  readonly done: Promise<void>
  underWay: boolean
}

const rounds = new Map<string, { last: Round; waiting: number }>()

/**
 * Make the entries of a directory durable that are in it now.
 *
 * @param path - byte string, true for as long as the caller waits
 * @param key - what callers share a sync by: the same directory has the same one
 * @param alone - nobody else will ask meanwhile
 * @throws the system's error, to everybody who waits for this sync
 */
export async function syncTogether(path: string, alone: boolean, key: string = path): Promise<void> {
  if (alone) {
    await sync(path, alone)
    return
  }
  let state = rounds.get(key)
  if (state === undefined) {
    state = { last: round(path, Promise.resolve()), waiting: 0 }
    rounds.set(key, state)
  } else if (state.last.underWay) {
    state.last = round(
      path,
      state.last.done.catch(() => {}),
    )
  }
  state.waiting += 1
  try {
    await state.last.done
  } finally {
    state.waiting -= 1
    if (state.waiting === 0) rounds.delete(key)
  }
}

/** A sync that begins in the turn after `before` is over, and serves whoever has joined it until then. */
function round(path: string, before: Promise<void>): Round {
  const done = before.then(nextTurn).then(() => {
    self.underWay = true
    return sync(path, false)
  })
  const self: Round = { done, underWay: false }
  return self
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function sync(path: string, alone: boolean): Promise<void> {
  const fd = openSync(Buffer.from(path, 'latin1'), 'r')
  try {
    await flush(fd, alone)
  } finally {
    closeSync(fd)
  }
}
