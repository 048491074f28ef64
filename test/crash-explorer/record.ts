/** Record scenarios: run runscenarios.ts under strace, and read what it wrote. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { contentsAfter, type DiskEvent, type Inode, isName, treeOf } from './disk.ts'
import { Recording, tracedCalls } from './recording.ts'
import { hashOf, type Manifest } from './runscenarios.ts'
import { type Scenario, scenarioNamed } from './scenarios.ts'

export interface Recorded {
  readonly scenario: Scenario
  readonly tag: string
  readonly events: readonly DiskEvent[]
  /** How many of the events tell of files that were there, and on the disk, before the scenario: files that are used again. */
  readonly earlier: number
}

const attempts = 3

/** Calls of several processes have met so that their order is in doubt. */
class NotExplained extends Error {}

/** What to record, and with what. */
export interface RecordOptions {
  /** The bin directory of the programs; undefined for this checkout's. */
  readonly programs: string | undefined
  readonly scenarios: readonly string[]
  /** A directory that keeps what strace wrote; if it is there already, nothing is recorded anew. */
  readonly keep: string | undefined
}

/** @throws Error if what was recorded does not explain the files that were there in the end */
export async function record(options: RecordOptions): Promise<Recorded[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await recordOnce(options)
    } catch (error) {
      if (attempt === attempts || !(error instanceof NotExplained)) throw error
      if (options.keep !== undefined) rmSync(options.keep, { recursive: true, force: true })
    }
  }
}

async function recordOnce({ programs, scenarios: names, keep }: RecordOptions): Promise<Recorded[]> {
  const directory = keep ?? mkdtempSync(join(realpathSync(tmpdir()), 'crash-explorer-'))
  try {
    const [trace, told] = [join(directory, 'trace'), join(directory, 'manifest')]
    if (!existsSync(told)) await play(programs, names, trace, told)
    const manifest = JSON.parse(readFileSync(told, 'utf8')) as Manifest
    const watched = new Map(manifest.roots.map(([name, path]) => [path, name]))
    const recording = new Recording(readFileSync(trace, 'latin1'), manifest.root, watched)
    return manifest.played.map((played) => cutOut(recording, played))
  } finally {
    if (keep === undefined) rmSync(directory, { recursive: true, force: true })
  }
}

async function play(programs: string | undefined, names: readonly string[], trace: string, told: string): Promise<void> {
  mkdirSync(dirname(trace), { recursive: true })
  const options = ['-f', '-y', '-xx', '-s', '16777216', '--seccomp-bpf', '-e', `trace=${tracedCalls}`, '-e', 'signal=none', '-o', trace]
  const run = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'runscenarios.ts'),
    programs ?? '',
    told,
  ]
  await execa('strace', [...options, ...run, ...names], { stdin: 'ignore' })
}

function cutOut(recording: Recording, { name, tag, files }: Manifest['played'][number]): Recorded {
  const scenario = scenarioNamed(name)
  const [beginning, ending] = ['begin', 'end'].map((word) => recording.marks.find((mark) => mark.name === `${word}-${tag}`))
  const [begin = 0, end = 0] = [beginning?.at, ending?.at]
  const base = baseOf(recording, begin, beginning?.names ?? new Map())
  const earlier = base.length
  const later = recording.events
    .slice(begin, end)
    .map((event) => (event.kind === 'sync' ? { ...event, covers: Math.max(0, event.covers - begin) + earlier } : event))
  const events = [...base, ...later]
  const data = Recording.dataOf(events)
  const tree = treeOf(events.filter(isName), (inode) => contentsAfter(data.get(inode.id) ?? [], 0, 'full'))
  const explained = [...tree].filter(([path]) => path.includes(`/${tag}`) || path.startsWith('queue/'))
  const found = new Map(files)
  const wrong = [
    ...explained.filter(([path, { bytes }]) => found.get(path) !== hashOf(bytes)).map(([path]) => path),
    ...files.filter(([path]) => !tree.has(path)).map(([path]) => path),
  ]
  if (wrong.length > 0) throw new NotExplained(`${name}: the calls that were recorded do not explain ${wrong.join(', ')}`)
  return { scenario, tag, events, earlier }
}

/** Files that are there before a scenario, as events that are all synced. */
function baseOf(recording: Recording, begin: number, names: ReadonlyMap<string, Inode>): DiskEvent[] {
  const there = [...names].filter(([path]) => path.startsWith('queue/') && !path.startsWith('queue/lock/'))
  const data = Recording.dataOf(recording.events.slice(0, begin))
  const events = there.flatMap(([path, inode]): DiskEvent[] => {
    const bytes = contentsAfter(data.get(inode.id) ?? [], 0, 'full')
    return [
      { kind: 'create', inode, path },
      { kind: 'write', inode, offset: 0, bytes },
    ]
  })
  const covers = events.length
  const syncs = there.flatMap(([path, inode]): DiskEvent[] => [
    { kind: 'sync', fs: inode.fs, target: { inode }, covers },
    { kind: 'sync', fs: inode.fs, target: { directory: dirname(path) }, covers },
  ])
  return [...events, ...syncs]
}
