/**
 * Feed every parser with what it does not expect: `node test/fuzz/main.ts [--seed N] [--minutes N] [--only NAME]`.
 *
 * Rounds with one seed after the other until the time is over; each prints its seed, and `--seed N` begins there again. An input that
 * makes a parser throw what it should not, take much longer than others, keep memory or need more than twelve times the steps
 * for ten times the bytes is written to standard output with its target, and the exit code is 1. What is found becomes a named
 * test: test/hostile/found.ts.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { targets } from './targets.ts'
import type { Finding, Order } from './worker.ts'

/** Seconds of its thread's processor time after which an input counts as endless, so that a busy machine makes none. */
const patienceSeconds = 20
/** So many times as long by the clock, it does without the processor: it waits for what never comes. */
const waitingFactor = 20
const heapMegabytes = 256
/** In which the kernel counts, see proc_pid_stat(5). */
const ticksPerSecond = 100

export interface Report {
  readonly findings: readonly Finding[]
  readonly inputs: number
  /** The largest factor by which the steps grew for ten times the input. */
  readonly growth: number
}

/** Seconds for which a thread has had a processor; 0 when it is over. @param thread - its directory in /proc */
function processorSeconds(thread: string): number {
  try {
    const [, fields = ''] = readFileSync(join(thread, 'stat'), 'latin1').split(') ')
    const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number)
    return (user + system) / ticksPerSecond
  } catch {
    return 0
  }
}

/**
 * Run one target.
 *
 * @param inputs - how many mutants to try, and a quarter as many that fast-check makes
 * @param patience - seconds of processor time that one input may take
 */
export async function fuzz(target: string, seed: number, inputs: number, patience: number = patienceSeconds): Promise<Report> {
  const findings: Finding[] = []
  const shared = new SharedArrayBuffer(4)
  const progress = new Int32Array(shared)
  const scratch = mkdtempSync(join(tmpdir(), 'yabumi-fuzz-'))
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: { target, seed, inputs, progress: shared, file: join(scratch, 'file') } satisfies Order,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  let growth = 0
  let thread: string | undefined
  worker.on('message', (message: Finding | { growth: number } | { thread: string }) => {
    if ('growth' in message) growth = message.growth
    else if ('thread' in message) thread = message.thread
    else findings.push(message)
  })
  let last = { input: 0, processor: 0, clock: performance.now() }
  const watch = setInterval(() => {
    const now = { input: progress[0] as number, processor: thread === undefined ? 0 : processorSeconds(thread), clock: performance.now() }
    if (now.input !== last.input) last = now
    else if (now.processor - last.processor > patience || now.clock - last.clock > 1000 * waitingFactor * patience) {
      findings.push({ target, what: `input ${last.input} of seed ${seed} does not end`, input: '' })
      clearInterval(watch)
      void worker.terminate()
    }
  }, 500)
  await new Promise<void>((resolve) => {
    worker.on('error', (error) => findings.push({ target, what: String(error), input: '' }))
    worker.on('exit', () => resolve())
  })
  clearInterval(watch)
  rmSync(scratch, { recursive: true })
  return { findings, inputs: progress[0] as number, growth }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seed: { type: 'string' }, minutes: { type: 'string' }, only: { type: 'string' } } })
  const end = performance.now() + 60_000 * Number(values.minutes ?? 30)
  const first = Number(values.seed ?? 1)
  let inputs = 0
  for (let seed = first; seed === first || performance.now() < end; seed += 1) {
    let growth = 0
    for (const { name } of targets.filter(({ name }) => values.only === undefined || name === values.only)) {
      const report = await fuzz(name, seed, 20_000)
      inputs += report.inputs
      growth = Math.max(growth, report.growth)
      for (const { what, input } of report.findings) {
        process.stdout.write(`FOUND ${name}, seed ${seed}: ${what}\n  input: ${JSON.stringify(input)}\n`)
        process.exitCode = 1
      }
    }
    process.stdout.write(`seed ${seed}: ${inputs} inputs so far, steps grew at most ${growth.toFixed(2)} times for ten times the bytes\n`)
  }
}

if (import.meta.main) await main()
