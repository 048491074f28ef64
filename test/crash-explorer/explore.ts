/** Record, crash, rebuild, start, judge: the explorer as a function. README.md says what for. */
import { type CrashState, crashStates, type Model, models } from './crashes.ts'
import { Reader } from './mailbox.ts'
import { outsideTable } from './queuetable.ts'
import { type Random, randomFrom, sample } from './random.ts'
import { rebuild, retag } from './rebuild.ts'
import { type Recorded, record } from './record.ts'
import { type Aftermath, recover } from './recover.ts'
import { ScenarioHome } from './scenariohome.ts'
import { needsOf, scenarios, tagOf, tagPattern } from './scenarios.ts'
import { piecesBefore, problemsAfter, problemsOfDisk } from './verdict.ts'

export interface Options {
  /** The bin directory of the programs to explore; undefined for this checkout's. */
  readonly programs?: string
  /** Names of scenarios; all by default. */
  readonly scenarios?: readonly string[]
  readonly models?: readonly Model[]
  readonly seed: number
  /** Random states a prefix and model, beside the systematic ones. */
  readonly samples: number
  /** Most states to start the system on; a seeded choice where there are more. */
  readonly most?: number
  /** A directory that keeps the recording, and gives it again: the same states for the same seed. */
  readonly keep?: string
  /** How many of the chosen states to pass over, because an earlier run has tried them. */
  readonly from?: number
  /** Do not start the system on states whose disk is wrong by itself; stop at the first batch with a problem. */
  readonly impatient?: boolean
  readonly say?: (line: string) => void
}

export interface Problem {
  readonly scenario: string
  readonly state: Pick<CrashState, 'model' | 'at' | 'loss'>
  /** The last event that had happened. */
  readonly after: string
  readonly text: string
}

export interface Result {
  /** States that were there to be tried, and those that the system was started on. */
  readonly distinct: number
  readonly tried: Readonly<Record<Model, number>>
  readonly problems: readonly Problem[]
}

interface Case {
  readonly recorded: Recorded
  readonly state: CrashState
  readonly tag: string
}

const casesPerHome = 1_500

/** Explore. @throws Error if something does not work that is not under test */
export async function explore(options: Options): Promise<Result> {
  const { programs, seed, samples, most = Number.POSITIVE_INFINITY, say = () => undefined } = options
  const random = randomFrom(seed)
  const recordings = await record({ programs, scenarios: options.scenarios ?? scenarios.map(({ name }) => name), keep: options.keep })
  const every = recordings.flatMap((recorded) => statesOf(recorded, options.models ?? models, random, samples))
  const chosen = sample(every, most, random).map((one, index) => ({ ...one, tag: tagOf(index + 1_000) }))
  say(
    `${recordings.length} scenarios, ${recordings.reduce((sum, { events }) => sum + events.length, 0)} events, ${every.length} states of the disk`,
  )
  const problems = every.flatMap(({ recorded, state }) => problemsOfDisk(state).map((text) => problemOf(recorded, state, text)))
  const tried = { kill: 0, journal: 0, reorder: 0 }
  for (
    let start = options.from ?? 0;
    start < chosen.length && !(options.impatient === true && problems.length > 0);
    start += casesPerHome
  ) {
    const cases = chosen.slice(start, start + casesPerHome)
    problems.push(...(await tryCases(cases, programs)))
    for (const { state } of cases) tried[state.model] += 1
    say(`${start + cases.length} of ${chosen.length} states tried, ${problems.length} problems`)
  }
  return { distinct: every.length, tried, problems }
}

function statesOf(recorded: Recorded, wanted: readonly Model[], random: Random, samples: number): Omit<Case, 'tag'>[] {
  return crashStates(recorded.events, recorded.earlier, wanted, random, { samples }).map((state) => ({ recorded, state }))
}

function problemOf({ scenario, events }: Recorded, { model, at, loss }: CrashState, text: string): Problem {
  const last = events[at - 1]
  const where =
    last === undefined
      ? ''
      : 'path' in last
        ? last.path
        : 'directory' in last
          ? last.directory
          : 'inode' in last
            ? `inode ${last.inode.id}`
            : ''
  return { scenario: scenario.name, state: { model, at, loss }, after: `${last?.kind ?? 'the start'} ${where}`, text }
}

async function tryCases(cases: readonly Case[], programs: string | undefined): Promise<Problem[]> {
  const ends: (() => unknown)[] = []
  try {
    const scenarioHome = await ScenarioHome.open({ teardown: (work) => void ends.unshift(work) }, programs)
    const numbers = new Map<Case, Map<string, string>>()
    for (const one of cases) {
      scenarioHome.addTag(one.tag, needsOf(one.recorded.scenario))
      scenarioHome.allow(one.tag)
      numbers.set(one, rebuild(scenarioHome, one.state.tree, one.recorded.tag, one.tag))
    }
    const stuck = new Set(cases.flatMap((one) => brokenPaths(one, numbers.get(one) ?? new Map())))
    const aftermath = await recover(scenarioHome, stuck)
    return judge(cases, numbers, aftermath, stuck)
  } finally {
    for (const end of ends) await end()
  }
}

/** Files of messages that names in any order have torn apart: no program can finish those. */
function brokenPaths({ state }: Case, numbers: ReadonlyMap<string, string>): string[] {
  if (state.model !== 'reorder') return []
  return [...outsideTable(state.tree).keys()].flatMap((number) => pathsOf(numbers.get(number) ?? number))
}

function pathsOf(number: string): string[] {
  const split = Number(number) % 23
  const places = ['mess', 'info', 'local', 'remote'].map((place) => `${place}/${split}/${number}`)
  return [...places, ...['intd', 'todo', 'bounce'].map((place) => `${place}/${number}`)]
}

function judge(
  cases: readonly Case[],
  numbers: ReadonlyMap<Case, ReadonlyMap<string, string>>,
  aftermath: Aftermath,
  stuck: ReadonlySet<string>,
): Problem[] {
  const files = filesByTag(aftermath.rested)
  const problems: Problem[] = []
  const owners = new Map<string, Case>()
  for (const one of cases) {
    const { recorded, state, tag } = one
    const add = (text: string): void => void problems.push(problemOf(recorded, state, text))
    const reader = new Reader(recorded.scenario, recorded.tag)
    const pieces = (files.get(tag) ?? []).flatMap(([path, bytes]) =>
      reader.pieces(path.replace(tag, recorded.tag), retag(bytes, tag, recorded.tag)),
    )
    const before = piecesBefore(state, recorded.scenario, recorded.tag)
    for (const text of problemsAfter(state, recorded.scenario, recorded.tag, before, pieces)) add(text)
    for (const number of numbers.get(one)?.values() ?? []) for (const path of pathsOf(number)) owners.set(path, one)
  }
  const blame = (path: string, text: string): void => {
    const owner = owners.get(path)
    if (owner === undefined) problems.push({ scenario: '', state: { model: 'kill', at: 0, loss: '' }, after: '', text: `${path} ${text}` })
    else problems.push(problemOf(owner.recorded, owner.state, `${path} ${text}`))
  }
  const [early = new Map(), late = new Map()] = aftermath.named
  for (const [path, name] of early) if (!stuck.has(path)) blame(path, `is ${name} for qcheck after the crash`)
  for (const path of aftermath.left) {
    if (!stuck.has(path)) blame(path, 'is still there after its timer')
    else if (!late.has(path) && ![...pathsOf(path.split('/').at(-1) ?? '')].some((other) => late.has(other)))
      blame(path, 'is left and qcheck has no name for it')
  }
  for (const path of aftermath.leftInTmp) blame(path, 'is still in tmp/ after 37 hours')
  return problems
}

/** Files of mailboxes by the tag in their paths, or, where all states share a mailbox, in their bytes. */
function filesByTag(files: ReadonlyMap<string, Buffer>): Map<string, [string, Buffer][]> {
  const byTag = new Map<string, [string, Buffer][]>()
  for (const [path, bytes] of files) {
    const tag = (path.match(tagPattern) ?? bytes.toString('latin1').match(tagPattern))?.[0]
    if (tag === undefined) continue
    const list = byTag.get(tag) ?? []
    list.push([path, bytes])
    byTag.set(tag, list)
  }
  return byTag
}
