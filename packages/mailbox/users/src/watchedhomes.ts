/**
 * Whose homes are, for a program that others wait for. A home may lie on a file system that does not answer (NFS,
 * autofs, FUSE), and stat(2) there never returns.
 *
 * Each look is a process of its own, stat(1): one a home, and so many in all. A home that is silent for too long is
 * said to be, and from then on nobody waits for it. The looks go on beside, and the first one that is answered ends
 * that. Good answers are kept for a minute.
 */
import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { startProgram } from '@yabumi/child'
import { homeKnownSeconds, homeLookSeconds, homeLooks } from '@yabumi/limits'
import { type Homes, saysNoHome } from './homes.ts'
import { LookupTrouble, SilentHome } from './trouble.ts'

export interface HomeLimits {
  /** How long a look may take before the home is called silent. */
  readonly lookSeconds: number
  /** Processes that look at once, those that hang included. */
  readonly looks: number
  /** How long an answer is believed. */
  readonly knownSeconds: number
}

interface Answer {
  readonly until: number
  readonly owner: number | undefined
}

const environment = [
  ['PATH', '/usr/bin:/bin'],
  ['LC_ALL', 'C'],
] as const
const mostAnswers = 10_000

export class WatchedHomes implements Homes {
  readonly #log: (line: string) => void
  readonly #limits: HomeLimits
  readonly #answers = new Map<string, Answer>()
  /** Under way. An entry stays until its process has ended, which one that hangs in the kernel may never do. */
  readonly #looks = new Map<string, Promise<number | undefined>>()
  readonly #silent = new Set<string>()

  /** @param log - is told which home is silent, and which is no longer */
  constructor(
    log: (line: string) => void,
    limits: HomeLimits = { lookSeconds: homeLookSeconds, looks: homeLooks, knownSeconds: homeKnownSeconds },
  ) {
    this.#log = log
    this.#limits = limits
  }

  /** @throws SilentHome if the home does not answer; other LookupTrouble 115 if the look could not be made */
  async ownerOf(home: string): Promise<number | undefined> {
    const answer = this.#answers.get(home)
    if (answer !== undefined && answer.until > performance.now()) return answer.owner
    const look = this.#looks.get(home) ?? this.#look(home)
    if (this.#silent.has(home)) throw new SilentHome(home)
    return await look
  }

  #look(home: string): Promise<number | undefined> {
    if (this.#looks.size >= this.#limits.looks) throw new SilentHome(home)
    const child = startProgram(
      { file: 'stat', args: ['-L', '-c', '%u', '--', home], env: environment },
      { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' },
    )
    const owner = new Promise<number | undefined>((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL') // in vain where the kernel waits for the file system
        this.#callSilent(home)
        reject(new SilentHome(home))
      }, this.#limits.lookSeconds * 1000)
      void outcomeOf(child).then(({ uid, complaint }) => {
        clearTimeout(timer)
        this.#looks.delete(home)
        if (child.killed) return
        this.#callHeard(home)
        if (uid === undefined && !saysNoHome(complaint)) reject(new LookupTrouble(115, { cause: complaint }))
        else resolve(this.#remember(home, uid))
      })
    })
    owner.catch(() => {}) // nobody waits for the looks at a silent home
    this.#looks.set(home, owner)
    return owner
  }

  #remember(home: string, owner: number | undefined): number | undefined {
    if (this.#answers.size >= mostAnswers) this.#answers.clear()
    if (owner === undefined) this.#answers.delete(home)
    else this.#answers.set(home, { until: performance.now() + this.#limits.knownSeconds * 1000, owner })
    return owner
  }

  #callSilent(home: string): void {
    if (this.#silent.has(home)) return
    this.#silent.add(home)
    this.#log(`home ${home} has not answered for ${this.#limits.lookSeconds} s; what needs it waits`)
  }

  #callHeard(home: string): void {
    if (this.#silent.delete(home)) this.#log(`home ${home} answers again`)
  }
}

interface Outcome {
  readonly uid: number | undefined
  readonly complaint: string
}

/** What stat(1) said in the end; that it could not be run is a complaint as well. */
function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const written = (stream: Readable | null): string[] => {
    const pieces: string[] = []
    stream?.setEncoding('latin1').on('data', (text: string) => pieces.push(text))
    return pieces
  }
  const [output, errors] = [written(child.stdout), written(child.stderr)]
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ uid: undefined, complaint: `unable to run stat: ${error.message}` }))
    child.on('close', () => {
      const uid = /^(\d+)\n$/.exec(output.join(''))?.[1]
      resolve({ uid: uid === undefined ? undefined : Number(uid), complaint: errors.join('') })
    })
  })
}
