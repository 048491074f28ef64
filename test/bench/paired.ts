/**
 * Paired rounds. The machine is noisy, and the noise lasts longer than a round: so both sides run one round after the other, each pair gives
 * one ratio, and the median of the ratios is the result. Rounds go on until their spread is narrow or the time is over.
 */

/** What one round of one side has shown. */
export interface Sample {
  /** What the row compares: messages or bytes a second, or seconds. */
  readonly value: number
  readonly cpuSeconds: number
  /** Of the load generator. */
  readonly loadSeconds?: number
  readonly messages: number
}

export interface Side {
  readonly name: string
  round(): Promise<Sample>
  /** Peak of memory so far, in bytes. */
  peak(): number
}

export interface SideResult {
  readonly name: string
  readonly median: number
  readonly lowest: number
  readonly highest: number
  readonly cpuSecondsPerThousand: number
  readonly loadSecondsPerThousand: number
  readonly peakBytes: number
}

export interface Paired {
  readonly sides: readonly SideResult[]
  /** Of the first side to each other one: the median of the paired ratios, and the quarters around it. */
  readonly ratios: readonly Ratio[]
  /** The same of the processor time. */
  readonly cpuRatios: readonly Ratio[]
  readonly rounds: number
}

export interface Ratio {
  readonly median: number
  readonly low: number
  readonly high: number
}

export interface Bounds {
  readonly warmUpSeconds: number
  readonly seconds: number
  readonly leastRounds: number
}

const narrow = 0.1 // width of the middle half, relative to the median

/**
 * Run rounds of all sides in turn. Those of the first `warmUpSeconds`, one of each at least, are not counted: mail systems run for months, and
 * Node compiles what runs often.
 */
export async function paired(sides: readonly Side[], { warmUpSeconds, seconds, leastRounds }: Bounds): Promise<Paired> {
  const samples: Sample[][] = sides.map(() => [])
  const warmAt = performance.now() + warmUpSeconds * 1000
  do for (const side of sides) await side.round()
  while (performance.now() < warmAt)
  const end = performance.now() + seconds * 1000
  for (let round = 0; ; round += 1) {
    const order = round % 2 === 0 ? sides : [...sides].reverse()
    for (const side of order) samples[sides.indexOf(side)]?.push(await side.round())
    const done = round + 1
    if (done >= leastRounds && (performance.now() >= end || isNarrow(ratiosOf(samples, (sample) => sample.value)))) break
  }
  return {
    sides: sides.map((side, index) => summary(side, samples[index] ?? [])),
    ratios: ratiosOf(samples, (sample) => sample.value),
    cpuRatios: ratiosOf(samples, (sample) => sample.cpuSeconds / sample.messages),
    rounds: samples[0]?.length ?? 0,
  }
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * part
  const below = sorted[Math.floor(at)] ?? Number.NaN
  return below + ((sorted[Math.ceil(at)] ?? below) - below) * (at % 1)
}

function ratiosOf(samples: readonly (readonly Sample[])[], of: (sample: Sample) => number): Ratio[] {
  const [first = [], ...others] = samples
  return others.map((other) => {
    const ratios = first.map((sample, round) => of(sample) / of(other[round] as Sample))
    return quartersOf(ratios)
  })
}

/** The median, and the quarters around it. */
export function quartersOf(values: readonly number[]): Ratio {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) }
}

function isNarrow(ratios: readonly Ratio[]): boolean {
  return ratios.every(({ median, low, high }) => high - low <= narrow * median)
}

function summary(side: Side, samples: readonly Sample[]): SideResult {
  const values = samples.map((sample) => sample.value)
  const messages = samples.reduce((sum, sample) => sum + sample.messages, 0)
  const perThousand = (of: (sample: Sample) => number): number => (1000 * samples.reduce((sum, sample) => sum + of(sample), 0)) / messages
  return {
    name: side.name,
    median: median(values),
    lowest: Math.min(...values),
    highest: Math.max(...values),
    cpuSecondsPerThousand: perThousand((sample) => sample.cpuSeconds),
    loadSecondsPerThousand: perThousand((sample) => sample.loadSeconds ?? 0),
    peakBytes: side.peak(),
  }
}
