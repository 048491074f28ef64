/**
 * How much work a piece of our code does, as a number that is the same on every machine and at every load.
 *
 * A step is one execution of one block of our source, as V8 counts it for precise coverage, or eight bytes that our code gave to a
 * built-in function that goes through them: copying or searching a buffer is work that no block shows. What regular expressions
 * do by going back and forth is not counted; they are caught by the bound on an input's time instead (main.ts).
 */
import { Session } from 'node:inspector'

const bytesPerStep = 8
let counting = false
let bytes = 0

type Native = (this: unknown, ...args: unknown[]) => unknown

/** How many bytes a call goes through, from what it was called on, with, and what it gave. */
type Cost = (self: { length: number }, args: readonly unknown[], result: unknown) => number

const all: Cost = (self) => self.length
const upToFound: Cost = (self, args, result) => {
  const from = typeof args[1] === 'number' ? args[1] : 0
  return typeof result === 'number' && result >= 0 ? result - from + 1 : self.length - from
}
const made: Cost = (_self, _args, result) => (result as { length?: number } | null)?.length ?? 0
const givenCount: Cost = (_self, _args, result) => (typeof result === 'number' ? result : 0)

function count(holder: object, name: string, cost: Cost): void {
  const target = holder as Record<string, Native>
  const native = target[name]
  if (native === undefined) throw new Error(`no function ${name}`)
  target[name] = function (this: unknown, ...args: unknown[]): unknown {
    const result = native.apply(this, args)
    if (counting) bytes += Math.max(0, cost(this as { length: number }, args, result))
    return result
  }
}

/** Slices of strings and buffers are views; indexOf, joining and converting go through the bytes. */
function countNatives(): void {
  for (const name of ['split', 'replaceAll', 'toLowerCase', 'match', 'search', 'trim']) count(String.prototype, name, all)
  for (const name of ['indexOf', 'includes', 'lastIndexOf']) count(String.prototype, name, upToFound)
  count(String.prototype, 'repeat', made)
  for (const name of ['indexOf', 'includes', 'lastIndexOf']) count(Buffer.prototype, name, upToFound)
  for (const name of ['toString', 'latin1Slice']) count(Buffer.prototype, name, made)
  for (const name of ['copy', 'write']) count(Buffer.prototype, name, givenCount)
  for (const name of ['equals', 'fill', 'compare']) count(Buffer.prototype, name, all)
  count(Buffer.prototype, 'copyWithin', (self, args) => Number(args[2] ?? self.length) - Number(args[1] ?? 0))
  for (const name of ['concat', 'from']) count(Buffer, name, made)
  for (const name of [
    'splice',
    'shift',
    'unshift',
    'reverse',
    'slice',
    'concat',
    'indexOf',
    'includes',
    'findIndex',
    'some',
    'filter',
    'map',
  ]) {
    count(Array.prototype, name, all)
  }
  count(Array.prototype, 'join', made)
}

/** Counts until stop(). One at a time in a process. */
export class StepCounter {
  readonly #session = new Session()
  readonly #ours: (url: string) => boolean
  static #natives = false

  /** @param ours - whether the blocks of a file count, by its URL */
  constructor(ours: (url: string) => boolean = (url) => /\/packages\/[^/]+\/[^/]+\/src\//.test(url)) {
    this.#ours = ours
    if (!StepCounter.#natives) countNatives()
    StepCounter.#natives = true
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** The steps of one piece of work. */
  async of(work: () => unknown): Promise<number> {
    this.#take()
    bytes = 0
    counting = true
    try {
      await work()
    } finally {
      counting = false
    }
    return this.#take() + bytes / bytesPerStep
  }

  stop(): void {
    this.#session.post('Profiler.stopPreciseCoverage')
    this.#session.disconnect()
  }

  /** The blocks since the last call. */
  #take(): number {
    let steps = 0
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error
      for (const { url, functions } of result) {
        if (this.#ours(url)) for (const { ranges } of functions) for (const range of ranges) steps += range.count
      }
    })
    return steps
  }
}
