/**
 * The promises, for one state: what was on the disk before the system was started on it, and what is there when it has come to rest.
 *
 * - Who was acknowledged is delivered at least once, whole, or bounced; what must bounce has bounced.
 * - No message is where nobody sent it.
 * - What was said of a message with its envelope has come to the next host.
 * - Nothing torn is to be seen, but the end of an mbox that the crash itself cut off.
 * - A recipient that is done, by the disk or by the log, gets no further copy; every other at most one for each delivery under way.
 */
import type { CrashState } from './crashes.ts'
import { count, type Piece, Reader } from './mailbox.ts'
import { outsideTable } from './queuetable.ts'
import { addressOf, type Destination, keyOf, type Scenario, saidBody } from './scenarios.ts'
import { keyIn } from './words.ts'

/** The pieces that are in the mailboxes of a state as the crash left it. */
export function piecesBefore(state: CrashState, scenario: Scenario, tag: string): Piece[] {
  const reader = new Reader(scenario, tag)
  return [...state.tree].flatMap(([path, { bytes }]) => (path.startsWith('queue/') ? [] : reader.pieces(path, bytes)))
}

/** What is wrong with the disk itself, before anything is started. Where names come in any order, every mixture is possible. */
export function problemsOfDisk(state: CrashState): string[] {
  return state.model === 'reorder' ? [] : [...outsideTable(state.tree).values()]
}

/** Keys and recipients, a blank between, that the disk or the log says are done. */
function doneIn(state: CrashState, scenario: Scenario, tag: string): Set<string> {
  const several = scenario.messages.flatMap(({ to }, index) => (to.length > 1 ? [keyOf(tag, index + 1)] : []))
  const done = new Set([...state.finished].filter((one) => several.includes(one.split(' ')[0] ?? '')))
  for (const [path, { bytes }] of state.tree) {
    const [, split, number] = /^queue\/(?:local|remote)\/(\d+)\/(\d+)$/.exec(path) ?? []
    if (state.tree.has(`queue/todo/${number}`)) continue // preprocessed anew: what stands there does not count yet
    const mess = state.tree.get(`queue/mess/${split}/${number}`)
    const key = mess === undefined ? undefined : keyIn(mess.bytes)
    if (key === undefined) continue
    for (const record of bytes.toString('latin1').split('\0')) if (record.startsWith('D')) done.add(`${key} ${record.slice(1)}`)
  }
  return done
}

/** Everything that is wrong with a state after the system has come to rest on it. */
export function problemsAfter(
  state: CrashState,
  scenario: Scenario,
  tag: string,
  before: readonly Piece[],
  after: readonly Piece[],
): string[] {
  const problems = after.flatMap(({ kind, key, box }) => (kind === 'bare' ? [`${key} is in ${box} without its ${saidBody}`] : []))
  const done = doneIn(state, scenario, tag)
  const check = (key: string, { letters, arrivals, bounce, removed }: Destination): void => {
    const address = addressOf(letters, tag)
    const expected = bounce === undefined ? arrivals : [bounce]
    const kind = bounce === undefined ? 'copy' : 'bounce'
    for (const { box, repeats } of expected) {
      const [had, has] = [count(before, box, kind, key), count(after, box, kind, key)]
      const more = done.has(`${key} ${address}`) && repeats === 1 ? 0 : repeats
      const excused = removed === 'silently' || (removed !== undefined && count(after, 's', 'bounce', key) > 0)
      if (has === 0 && !excused && state.acknowledged.has(key))
        problems.push(`${key} to ${address} was acknowledged and there is no ${kind} in ${box}`)
      if (has > had + more)
        problems.push(`${key} to ${address}: ${has} in ${box}, of which ${had} were there before and at most ${more} may be new`)
      if (has < had) problems.push(`${key} to ${address}: ${had - has} have gone from ${box}`)
    }
  }
  for (const [index, { to }] of scenario.messages.entries()) for (const one of to) check(keyOf(tag, index + 1), one)
  for (const box of new Set(after.map((piece) => piece.box))) {
    const [had, has] = [count(before, box, 'torn'), count(after, box, 'torn')]
    if (has > (box === 'm' ? had : 0)) problems.push(`${has} torn in ${box}, of which ${had} were there before`)
  }
  for (const { box, kind, key } of after) {
    const meant = scenario.messages.some(
      ({ to }, index) => keyOf(tag, index + 1) === key && to.some(({ arrivals }) => arrivals.some((arrival) => arrival.box === box)),
    )
    if (kind === 'copy' && !meant) problems.push(`${key} is in ${box}, where nobody sent it`)
  }
  const bounced = after.filter(
    ({ kind, box }) =>
      kind === 'bounce' &&
      !scenario.messages.some(({ to }) => to.some(({ bounce, removed }) => bounce?.box === box || removed === 'with a bounce')),
  )
  for (const { key, box } of bounced) problems.push(`${key} bounced to ${box} though every recipient can be reached`)
  return problems
}
