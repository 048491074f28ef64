/** One target in a thread of its own, with little memory: it counts what it has done where the main thread can see it. */
import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import fc from 'fast-check'
import { randomNumbers } from '../hostile/support/garbage.ts'
import { mutant } from './mutate.ts'
import { plantedTargets } from './planted.ts'
import { StepCounter } from './steps.ts'
import { type Target, targets } from './targets.ts'

export interface Order {
  readonly target: string
  readonly seed: number
  readonly inputs: number
  /** Of an Int32Array: inputs begun. */
  readonly progress: SharedArrayBuffer
  /** Path, for targets that read a file. */
  readonly file: string
}

export interface Finding {
  readonly target: string
  readonly what: string
  /** The input, as latin1. */
  readonly input: string
}

const order = workerData as Order
const progress = new Int32Array(order.progress)
const target = [...targets, ...plantedTargets].find(({ name }) => name === order.target) as Target
const seeds = target.seeds.map((seed) => Buffer.from(seed, 'latin1'))
/** A long input of n bytes or a little more. */
const smallBytes = 2_000
/** Ten times the input may take so many times the steps. */
const mostGrowth = 12
/** V8 forgets some counts when it collects garbage in between; growth that is there is there each time. */
const measurements = 4
const grownBytes = 24_000_000

function find(what: string, input: Buffer): void {
  parentPort?.postMessage({ target: target.name, what, input: input.toString('latin1') } satisfies Finding)
}

async function run(input: Buffer, seed: number): Promise<boolean> {
  Atomics.add(progress, 0, 1)
  try {
    await target.run(Buffer.from(input), randomNumbers(seed))
    return true
  } catch (error) {
    find(error instanceof Error ? (error.stack ?? error.message) : String(error), input)
    return false
  }
}

/** Inputs near the seeds. @returns when so many were tried, or one was found */
async function mutants(count: number, seed: number): Promise<void> {
  const random = randomNumbers(seed)
  for (let n = 0; n < count; n += 1) if (!(await run(mutant(seeds, random), seed + n))) return
}

/** Inputs that fast-check makes of the target's units and of any bytes, and shrinks when one is found. */
async function generated(count: number, seed: number): Promise<void> {
  const units = fc.array(fc.constantFrom(...target.units), { maxLength: 60 }).map((parts) => Buffer.from(parts.join(''), 'latin1'))
  const any = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
  const inputs = fc.oneof(
    units,
    any,
    fc.tuple(units, any).map((parts) => Buffer.concat(parts)),
  )
  const property = fc.asyncProperty(inputs, async (input) => {
    Atomics.add(progress, 0, 1)
    await target.run(input, randomNumbers(seed))
  })
  const result = await fc.check(property, { seed, numRuns: count })
  if (result.failed) find(String(result.errorInstance), result.counterexample?.[0] ?? Buffer.alloc(0))
}

function long(unit: string, bytes: number): Buffer {
  const repeated = unit.repeat(Math.ceil(bytes / unit.length))
  return Buffer.from(`${target.prefix ?? ''}${repeated}${target.suffix ?? ''}`, 'latin1')
}

/** Ten times the input, at most twelve times the steps; and an input fifty times larger still within the bound on time. */
async function growth(): Promise<void> {
  const steps = new StepCounter()
  let largest = 0
  const units = [...target.units, ...target.units.slice(0, 12).map((unit, n) => unit + (target.units[n + 1] ?? ''))]
  for (const unit of units) {
    const attempts: { small: number; large: number; ratio: number }[] = []
    for (let n = 0; n < measurements && (attempts.at(-1)?.ratio ?? Infinity) > mostGrowth; n += 1) {
      const small = await stepsOf(steps, long(unit, smallBytes))
      const large = await stepsOf(steps, long(unit, 10 * smallBytes))
      attempts.push({ small, large, ratio: large / Math.max(small, 100) })
    }
    const { small = 0, large = 0, ratio = 0 } = attempts.at(-1) ?? {}
    largest = Math.max(largest, ratio)
    if (ratio > mostGrowth)
      find(`${JSON.stringify(unit)}: ${small} steps for ${smallBytes} bytes, ${large} for ten times as many`, long(unit, smallBytes))
  }
  steps.stop()
  for (const unit of units) await run(long(unit, 100 * smallBytes), 1)
  parentPort?.postMessage({ growth: largest })
}

async function stepsOf(steps: StepCounter, input: Buffer): Promise<number> {
  Atomics.add(progress, 0, 1)
  return steps.of(() => target.run(input, randomNumbers(1)))
}

/** What is left in memory when garbage collection, which frees the memory of buffers only a turn or two later, finds no more. */
async function keptBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let idle = 0; idle < 5; idle += 1) {
    collect()
    await new Promise((done) => setImmediate(done))
    const { heapUsed, external } = process.memoryUsage()
    if (heapUsed + external < least - 100_000) idle = 0
    least = Math.min(least, heapUsed + external)
  }
  return least
}

parentPort?.postMessage({ thread: join('/proc', readlinkSync('/proc/thread-self')) }) // a call that is made in this thread
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

await growth()
await mutants(Math.min(order.inputs, 500), order.seed) // what is loaded and made once is there
const before = await keptBytes()
await mutants(order.inputs, order.seed + 1)
await generated(Math.ceil(order.inputs / 4), order.seed)
const grown = (await keptBytes()) - before
if (grown > grownBytes) find(`${Math.round(grown / 1e6)} MB more are kept after ${order.inputs} inputs`, Buffer.alloc(0))
