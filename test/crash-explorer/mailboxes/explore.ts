/** Play, crash, rebuild, judge: the explorer for the mailboxes of IMAP. */
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CrashState, crashStates, type Model, models } from '../crashes.ts'
import { randomFrom, sample } from '../random.ts'
import { judgeMaildir } from './judge.ts'
import { type Played, playMail } from './play.ts'
import { rebuildMaildir } from './rebuild.ts'
import { mailScenarios } from './scenarios.ts'

export interface MailOptions {
  /** The bin directory of the programs to explore; undefined for this checkout's. */
  readonly programs?: string
  /** Names of scenarios; all by default. */
  readonly scenarios?: readonly string[]
  readonly models?: readonly Model[]
  readonly seed: number
  /** Random states a prefix and model, beside the systematic ones. */
  readonly samples: number
  /** Most states to try; a seeded choice where there are more. */
  readonly most?: number
  /** Stop after the first problems. */
  readonly impatient?: boolean
  readonly say?: (line: string) => void
}

export interface MailProblem {
  readonly scenario: string
  readonly state: Pick<CrashState, 'model' | 'at' | 'loss'>
  readonly text: string
}

export interface MailResult {
  readonly distinct: number
  readonly tried: number
  readonly problems: readonly MailProblem[]
}

/** A file system without a disk: what is judged need not be synced. */
const memory = '/dev/shm'
const enough = 20 // problems, for the impatient

/** Explore. @throws Error if something does not work that is not under test */
export async function exploreMail(options: MailOptions): Promise<MailResult> {
  const { seed, samples, most = Number.POSITIVE_INFINITY, say = () => undefined } = options
  const random = randomFrom(seed)
  const cases: { played: Played; state: CrashState }[] = []
  for (const scenario of mailScenarios) {
    if (options.scenarios !== undefined && !options.scenarios.includes(scenario.name)) continue
    const played = await playMail(scenario, options.programs)
    const states = crashStates(played.events, played.earlier, options.models ?? models, random, { samples })
    cases.push(...states.map((state) => ({ played, state })))
    say(`${scenario.name}: ${played.events.length - played.earlier} events, ${states.length} states of the disk`)
  }
  const chosen = sample(cases, most, random)
  const problems: MailProblem[] = []
  let tried = 0
  const directory = mkdtempSync(join(existsSync(memory) ? memory : realpathSync(tmpdir()), 'mailbox-states-'))
  try {
    for (const { played, state } of chosen) {
      if (options.impatient === true && problems.length >= enough) break
      const path = join(directory, String(tried))
      rebuildMaildir(state.tree, played.directories, path)
      for (const text of await judgeMaildir(path, state, played)) problems.push({ scenario: played.scenario.name, state, text })
      rmSync(path, { recursive: true, force: true })
      tried += 1
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  return { distinct: cases.length, tried, problems }
}
