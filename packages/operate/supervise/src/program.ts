/**
 * One program that is kept running: started, its log passed on, started again whenever it dies, stopped when told.
 *
 * It is the leader of its own process group. So a terminal's Ctrl-C reaches supervise alone, which then stops
 * everything in order. A group that will not leave can be killed as a whole, also after its leader's end. The programs
 * of send outlive it by what they have under way.
 *
 * It begins only when its process number is known to whoever must know it. If supervise is killed before that, there is
 * nothing that could be left.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, closeSync, constants } from 'node:fs'
import type { Readable } from 'node:stream'
import {
  serverDataMegabytes,
  stopMarginSeconds,
  superviseFirstPauseSeconds,
  superviseGoodWhileSeconds,
  superviseLongestPauseSeconds,
} from '@yabumi/limits'
import { makePipe } from '@yabumi/posix'
import { errorText } from '@yabumi/trouble'
import { groupRuns, killGroup } from './group.ts'
import { LogPipe, say } from './log.ts'
import type { Plan } from './programs.ts'

/** Becomes the program when it gets a line, and goes if its input ends without one. */
const gate = 'read -r go && exec "$@" </dev/null'
/** How often a group whose leader has ended is looked at: while that is waited for, and else so that its number is nobody else's meanwhile. */
const lookMilliseconds = 20
const quietLookMilliseconds = 1_000
/** A limit that an operator has set stays; and it is a soft one, which a program that needs more can raise. */
const limitedGate = `[ "$(ulimit -S -d)" != unlimited ] || ulimit -S -d ${serverDataMegabytes * 1024}; ${gate}`

export class Program {
  readonly name: string
  readonly #plan: Plan
  readonly #environment: Record<string, string>
  /** Called whenever `pid` has changed; the program begins when it returns. */
  readonly #changed: () => void
  readonly #leave = new AbortController()
  #pause: number = superviseFirstPauseSeconds
  #isReady = false
  readonly #readiness = Promise.withResolvers<void>()
  /** Resolves when it has been ready for the first time. */
  readonly ready: Promise<void> = this.#readiness.promise
  /** Of the running process; undefined between two. */
  pid: number | undefined
  #ended: Promise<void> | undefined
  /** Of all that it has started; those without anybody leave it. */
  readonly #groups = new Set<number>()
  #killedAt = Number.POSITIVE_INFINITY

  constructor(plan: Plan, environment: Record<string, string>, changed: () => void) {
    this.name = plan.name
    this.#plan = plan
    this.#environment = environment
    this.#changed = changed
  }

  start(): void {
    this.#ended ??= this.#keepRunning()
  }

  /** Send it a signal, if it is up far enough to know what to do with it. */
  signal(name: NodeJS.Signals): void {
    if (this.#isReady) this.#tell(name)
  }

  /** Tell it to finish and leave. @returns when it has, and all it started; who hangs in the kernel after kill() is not waited for */
  async stop(): Promise<void> {
    this.#leave.abort()
    this.#tell('SIGTERM')
    await this.#ended
    const isGivenUp = (): boolean => performance.now() - this.#killedAt > stopMarginSeconds * 1000
    while (this.#hasOrphans() && !isGivenUp()) await new Promise((resolve) => setTimeout(resolve, lookMilliseconds))
  }

  /** End it and all it started, at once. */
  kill(): void {
    this.#leave.abort()
    this.#killedAt = Math.min(this.#killedAt, performance.now())
    this.#groups.forEach(killGroup)
  }

  #tell(name: NodeJS.Signals): void {
    if (this.pid === undefined) return
    try {
      process.kill(this.pid, name)
    } catch {
      // gone by itself a moment ago
    }
  }

  /** Forget the groups that have gone. @returns whether some are left that have no leader */
  #hasOrphans(): boolean {
    const orphans = [...this.#groups].filter((group) => group !== this.pid)
    for (const group of orphans) if (!groupRuns(group)) this.#groups.delete(group)
    return orphans.some((group) => this.#groups.has(group))
  }

  /** Look after groups without a leader until they have gone. */
  #watchOrphans(): void {
    if (this.#hasOrphans()) setTimeout(() => this.#watchOrphans(), quietLookMilliseconds).unref()
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#leave
    while (!signal.aborted) {
      const began = performance.now()
      const end = await this.#runOnce().catch((error: unknown) => `unable to make pipes: ${errorText(error)}`)
      if (signal.aborted) return
      if (performance.now() - began > superviseGoodWhileSeconds * 1000) this.#pause = superviseFirstPauseSeconds
      say(`${this.name} ended: ${end}; starting it again in ${this.#pause} s`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#pause * 1000)
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve()
        })
      })
      this.#pause = Math.min(this.#pause * 2, superviseLongestPauseSeconds)
    }
  }

  /** @returns how it ended */
  async #runOnce(): Promise<string> {
    const { command, ready, isServer } = this.#plan
    const [file, ...args] = command
    try {
      accessSync(file, constants.X_OK)
    } catch (error) {
      return `unable to run ${file}: ${errorText(error)}`
    }
    const pipes = [makePipe(true), makePipe(true)] as const
    const child = spawn('/bin/sh', ['-c', isServer ? limitedGate : gate, 'sh', file, ...args], {
      env: this.#environment,
      stdio: ['pipe', pipes[0].write, pipes[1].write, 'pipe'],
      detached: true,
    })
    let failure: unknown
    child.on('error', (error) => {
      failure = error
    })
    for (const { write } of pipes) closeSync(write)
    const output = new LogPipe(pipes[0].read, this.name, (line) => {
      const isCurrent = this.pid === child.pid // what it said may come after its end
      if (isCurrent && ready instanceof RegExp && ready.test(line)) this.#becomeReady()
    })
    const complaints = new LogPipe(pipes[1].read, this.name)
    this.pid = child.pid
    if (child.pid !== undefined) this.#groups.add(child.pid)
    this.#changed()
    child.stdin?.on('error', () => undefined)
    child.stdin?.end('\n')
    const third = child.stdio[3] as Readable
    third.on('error', () => undefined)
    third.on('data', () => {
      if (ready === 'descriptor') this.#becomeReady()
    })
    // its descendants may hold the pipes open for longer than it lives
    const [code, signal] = child.pid === undefined ? [null, null] : await once(child, 'exit')
    this.pid = undefined
    this.#isReady = false
    this.#watchOrphans()
    this.#changed()
    await Promise.all([output.end(), complaints.end()])
    if (child.pid === undefined) return `unable to run /bin/sh: ${errorText(failure)}`
    return signal === null ? `exit code ${code}` : `killed by ${signal}`
  }

  #becomeReady(): void {
    this.#isReady = true
    this.#readiness.resolve()
  }
}
