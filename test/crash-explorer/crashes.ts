/**
 * Every state of the disk that a crash may leave, for every prefix of what was recorded.
 *
 * kill     the programs die, the system lives: everything that they have done is there
 * journal  power cut on ext4 (data=ordered) or XFS: each file system keeps its names in order, so a beginning of what has not been synced
 *          is there; a sync of anything carries all names of its file system that are older; bytes that have not been synced are there,
 *          missing, cut short or zero, file by file
 * reorder  power cut where names come in any order: each name that has not been synced is there or not by itself. In the queue the sync of
 *          a file carries its own names; elsewhere the letter of POSIX holds, and only the sync of a directory carries the names in it
 */
import { createHash } from 'node:crypto'
import {
  contentsAfter,
  type DataEvent,
  type DiskEvent,
  directoriesOf,
  type Inode,
  isData,
  isName,
  type Loss,
  type NameEvent,
  type SyncEvent,
  type Tree,
  treeOf,
} from './disk.ts'
import type { Random } from './random.ts'

export type Model = 'kill' | 'journal' | 'reorder'
export const models: readonly Model[] = ['kill', 'journal', 'reorder']

export interface CrashState {
  readonly model: Model
  /** How many of the events had happened. */
  readonly at: number
  readonly tree: Tree
  /** Keys of messages whose senders had been told that they are safe. */
  readonly acknowledged: ReadonlySet<string>
  /** Keys and recipients, a blank between, whose delivery was in the log as a success; only where the system lives on. */
  readonly finished: ReadonlySet<string>
  /** What the crash took, in words. */
  readonly loss: string
}

interface NameChoice {
  readonly names: readonly NameEvent[]
  readonly words: string
}

interface Files {
  readonly events: readonly DataEvent[]
  readonly durable: number
}

/** Choices made at random for each prefix, beside the systematic ones. */
export interface Effort {
  readonly samples: number
}

/** One prefix, and what of it is on the disk for sure. */
class Prefix {
  readonly #at: number
  readonly #names: NameEvent[] = []
  readonly #nameIndexes: number[] = []
  readonly #syncs: SyncEvent[] = []
  readonly #files = new Map<Inode, Files>()
  readonly #acknowledged = new Set<string>()
  readonly #finished = new Set<string>()
  readonly #contents: Map<string, Buffer>

  /** @param contents - bytes that other prefixes have put together, for those who share them */
  constructor(events: readonly DiskEvent[], at: number, contents: Map<string, Buffer>) {
    this.#at = at
    this.#contents = contents
    const data = new Map<Inode, { event: DataEvent; index: number }[]>()
    const covered = new Map<Inode, number>()
    for (const [index, event] of events.slice(0, at).entries()) {
      if (isName(event)) {
        this.#names.push(event)
        this.#nameIndexes.push(index)
      } else if (isData(event)) data.set(event.inode, [...(data.get(event.inode) ?? []), { event, index }])
      else if (event.kind === 'acknowledged') this.#acknowledged.add(event.key)
      else if (event.kind === 'finished') this.#finished.add(`${event.key} ${event.recipient}`)
      else if (event.kind === 'sync') {
        this.#syncs.push(event)
        if ('inode' in event.target) covered.set(event.target.inode, Math.max(covered.get(event.target.inode) ?? 0, event.covers))
      }
    }
    for (const [inode, list] of data) {
      const durable = list.filter(({ index }) => index < (covered.get(inode) ?? 0)).length
      this.#files.set(inode, { events: list.map(({ event }) => event), durable })
    }
  }

  /** Files with bytes that have not been synced. */
  get #unsynced(): Inode[] {
    return [...this.#files].filter(([, { events, durable }]) => durable < events.length).map(([inode]) => inode)
  }

  #state(model: Model, { names, words }: NameChoice, loss: (inode: Inode) => Loss, lossWords: string): CrashState {
    const contents = (inode: Inode): Buffer => {
      const file = this.#files.get(inode)
      return file === undefined ? Buffer.alloc(0) : this.#contentsOf(inode, file, loss(inode))
    }
    const tree = treeOf(names, contents)
    return {
      model,
      at: this.#at,
      tree,
      acknowledged: this.#acknowledged,
      finished: model === 'kill' ? this.#finished : new Set(),
      loss: `${words}; ${lossWords}`,
    }
  }

  #contentsOf({ id }: Inode, { events, durable }: Files, loss: Loss): Buffer {
    const key = `${id} ${events.length} ${loss === 'full' ? '' : `${durable} ${loss}`}`
    const bytes = this.#contents.get(key) ?? contentsAfter(events, durable, loss)
    this.#contents.set(key, bytes)
    return bytes
  }

  killed(): CrashState {
    return this.#state('kill', { names: this.#names, words: 'all names' }, () => 'full', 'all bytes')
  }

  *journal(random: Random, { samples }: Effort): Generator<CrashState> {
    const whole: NameChoice = { names: this.#names, words: 'all names' }
    const unsynced = this.#unsynced
    for (const loss of ['none', 'short', 'zero'] as const) {
      if (unsynced.length > 1) yield this.#state('journal', whole, () => loss, `all bytes that were not synced: ${loss}`)
      for (const one of unsynced) {
        yield this.#state('journal', whole, (inode) => (inode === one ? loss : 'full'), `unsynced bytes of inode ${one.id}: ${loss}`)
        if (unsynced.length > 1) {
          yield this.#state('journal', whole, (inode) => (inode === one ? 'full' : loss), `all unsynced bytes but inode ${one.id}: ${loss}`)
        }
      }
    }
    for (const choice of this.#journalCuts()) {
      yield this.#state('journal', choice, () => 'full', 'all bytes')
      if (unsynced.length > 0) yield this.#state('journal', choice, () => 'none', 'no unsynced bytes')
    }
    for (let count = 0; count < samples; count += 1) {
      const losses = new Map(unsynced.map((inode) => [inode, pick(['full', 'none', 'short', 'zero'] as const, random)]))
      const choice = this.#cut((_fs, durable, all) => durable + Math.floor(random() * (all - durable + 1)))
      yield this.#state('journal', choice, (inode) => losses.get(inode) ?? 'full', words(losses))
    }
  }

  /** Every cut of one file system's journal with the others whole, and all at their shortest. */
  #journalCuts(): NameChoice[] {
    const cuts: NameChoice[] = []
    const systems = [...new Set(this.#names.map(({ inode }) => inode.fs))]
    for (const system of systems) {
      const all = this.#names.filter(({ inode }) => inode.fs === system).length
      for (let length = this.#durableIn(system); length < all; length += 1) {
        cuts.push(this.#cut((fs, _durable, whole) => (fs === system ? length : whole)))
      }
    }
    if (cuts.length > 0) cuts.push(this.#cut((_fs, durable) => durable))
    return cuts
  }

  #cut(lengthOf: (fs: string, durable: number, all: number) => number): NameChoice {
    const lengths = new Map<string, number>()
    const names: NameEvent[] = []
    const left = new Map<string, number>()
    for (const event of this.#names) {
      const { fs } = event.inode
      const all = this.#names.filter(({ inode }) => inode.fs === fs).length
      const length = lengths.get(fs) ?? lengthOf(fs, this.#durableIn(fs), all)
      lengths.set(fs, length)
      const taken = left.get(fs) ?? 0
      left.set(fs, taken + 1)
      if (taken < length) names.push(event)
    }
    return { names, words: `journals cut at ${[...lengths].map(([fs, length]) => `${fs} ${length}`).join(', ')}` }
  }

  #durableIn(fs: string): number {
    const covers = Math.max(0, ...this.#syncs.filter((sync) => sync.fs === fs).map((sync) => sync.covers))
    return this.#names.filter(({ inode }, index) => inode.fs === fs && (this.#nameIndexes[index] as number) < covers).length
  }

  *reorder(random: Random, { samples }: Effort): Generator<CrashState> {
    const loose = this.#names.filter((event, index) => !this.#isCarried(event, this.#nameIndexes[index] as number))
    if (loose.length === 0) return
    const without = (gone: ReadonlySet<NameEvent>, words: string): NameChoice => ({
      names: this.#names.filter((event) => !gone.has(event)),
      words,
    })
    const none = without(new Set(loose), 'no unsynced name')
    yield this.#state('reorder', none, () => 'full', 'all bytes')
    yield this.#state('reorder', none, () => 'none', 'no unsynced bytes')
    for (const one of loose) {
      yield this.#state('reorder', without(new Set([one]), `without ${said(one)}`), () => 'full', 'all bytes')
      yield this.#state('reorder', without(new Set([one]), `without ${said(one)}`), () => 'none', 'no unsynced bytes')
      const others = new Set(loose.filter((event) => event !== one))
      yield this.#state('reorder', without(others, `of all unsynced names only ${said(one)}`), () => 'full', 'all bytes')
    }
    for (let count = 0; count < samples; count += 1) {
      const gone = new Set(loose.filter(() => random() < 0.5))
      const losses = new Map(this.#unsynced.map((inode) => [inode, pick(['full', 'none', 'short', 'zero'] as const, random)]))
      yield this.#state(
        'reorder',
        without(gone, `without ${[...gone].map(said).join(', ')}`),
        (inode) => losses.get(inode) ?? 'full',
        words(losses),
      )
    }
  }

  #isCarried(event: NameEvent, index: number): boolean {
    if (this.#isGivenOutAgain(event, index)) return true
    return this.#syncs.some((sync) => {
      if (index >= sync.covers) return false
      if ('inode' in sync.target) return event.inode.fs === 'queue' && sync.target.inode === event.inode
      return directoriesOf(event).includes(sync.target.directory)
    })
  }

  /** Whether a later message of a new file has its number: see README.md, what is not promised where names come in any order. */
  #isGivenOutAgain(event: NameEvent, index: number): boolean {
    const number = numberIn(event.path)
    if (number === undefined) return false
    return this.#names.some((later, at) => {
      const isLater = (this.#nameIndexes[at] as number) > index
      return (
        isLater &&
        later.kind === 'rename' &&
        later.path.startsWith('queue/pid/') &&
        later.to.startsWith('queue/mess/') &&
        numberIn(later.to) === number
      )
    })
  }
}

function numberIn(path: string): string | undefined {
  return /^queue\/(?!pid\/).*\/(\d+)$/.exec(path)?.[1]
}

function pick<T>(choices: readonly T[], random: Random): T {
  return choices[Math.floor(random() * choices.length)] as T
}

function said(event: NameEvent): string {
  return 'to' in event ? `${event.kind} ${event.path} ${event.to}` : `${event.kind} ${event.path}`
}

function words(losses: ReadonlyMap<Inode, Loss>): string {
  return [...losses].map(([inode, loss]) => `inode ${inode.id} ${loss}`).join(', ') || 'all bytes'
}

/** What makes two states the same for every check. */
function fingerprint({ model, tree, acknowledged, finished }: CrashState): string {
  const hash = createHash('sha1')
  hash.update(`${model === 'reorder'}\0${[...acknowledged].sort()}\0${[...finished].sort()}\0`)
  for (const [path, { bytes }] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${path}\0${bytes.length}\0`).update(bytes)
  return hash.digest('base64')
}

/** All states, each once, in the order of the prefixes. */
/** @param earlier - how many events were over, and on the disk, before anything happened */
export function crashStates(
  events: readonly DiskEvent[],
  earlier: number,
  wanted: readonly Model[],
  random: Random,
  effort: Effort,
): CrashState[] {
  const seen = new Map<string, CrashState>()
  const add = (state: CrashState): void => {
    const key = fingerprint(state)
    if (!seen.has(key)) seen.set(key, state)
  }
  const contents = new Map<string, Buffer>()
  for (let at = earlier; at <= events.length; at += 1) {
    const prefix = new Prefix(events, at, contents)
    if (wanted.includes('kill')) add(prefix.killed())
    if (wanted.includes('journal')) for (const state of prefix.journal(random, effort)) add(state)
    if (wanted.includes('reorder')) for (const state of prefix.reorder(random, effort)) add(state)
  }
  return [...seen.values()]
}
