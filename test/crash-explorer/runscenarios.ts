/**
 * Play the scenarios on a fresh home, under strace: `node runscenarios.ts PROGRAMS MANIFEST SCENARIO...` (record.ts runs it).
 *
 * Each scenario has a tag of its own, begins and ends with an empty queue, and stands between two marks: directories that are made, which
 * strace sees in their order among all other calls.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { factsVariable } from '@yabumi/facts'
import { execa } from 'execa'
import { sendMail } from '../support/dialogue.ts'
import type { Running } from '../support/running.ts'
import { until } from '../support/wait.ts'
import { oldSeconds, ScenarioHome } from './scenariohome.ts'
import { addressOf, needsOf, type Scenario, type ScenarioMessage, saidBody, scenarioNamed, tagOf, textOf } from './scenarios.ts'
import { filesBelow, pathsBelow } from './trees.ts'

/** What record.ts is told. */
export interface Manifest {
  readonly root: string
  readonly roots: readonly [string, string][]
  /** Of each scenario: its tag, and the files that were there at its end, with a hash of their bytes. */
  readonly played: readonly { readonly name: string; readonly tag: string; readonly files: readonly [string, string][] }[]
}

export function hashOf(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex')
}

class ScenarioRun {
  readonly #scenarioHome: ScenarioHome
  #running: Running

  constructor(scenarioHome: ScenarioHome, running: Running) {
    this.#scenarioHome = scenarioHome
    this.#running = running
  }

  async play(scenario: Scenario, tag: string): Promise<[string, string][]> {
    this.#scenarioHome.addTag(tag, needsOf(scenario))
    this.#mark(`begin-${tag}`)
    const work = scenario.messages.map((message, index) => () => this.#send(message, tag, index + 1))
    if (scenario.together === true) await Promise.all(work.map((send) => send()))
    else {
      for (const send of work) {
        await send()
        await this.#done(scenario, tag)
      }
    }
    await this.#done(scenario, tag)
    this.#mark(`end-${tag}`)
    const files: [string, string][] = []
    for (const [name, directory] of this.#scenarioHome.roots) {
      for (const [path, bytes] of filesBelow(directory, name))
        if (path.includes(`/${tag}`) || name === 'queue') files.push([path, hashOf(bytes)])
    }
    return files
  }

  async #send(message: ScenarioMessage, tag: string, number: number): Promise<void> {
    const { header, body } = textOf(tag, number, message)
    const sender = addressOf(message.sender, tag)
    const recipients = message.to.map(({ letters }) => addressOf(letters, tag))
    const text = `${header}\n${body}`
    if (message.by === 'smtp') {
      const reply = await sendMail(this.#running.smtpPort, sender, recipients, text)
      if (!reply.startsWith('250 ')) throw new Error(`${tag}: ${reply}`)
    } else if (message.by === 'dropped') await this.#drop(sender, recipients, text)
    else if (message.by === 'killed') await this.#leaveBehind(tag, text)
    else {
      const env: Record<string, string> = message.by === 'queue' ? { QMAILQUEUE: 'bin/queue', [factsVariable]: `v1 ${saidBody}` } : {}
      await this.#scenarioHome.home.run('inject', ['-a', `-f${sender}`, ...recipients], { input: text, env })
    }
  }

  /** A client that goes away before the end of the message, once it is in the queue directory. */
  async #drop(sender: string, recipients: string[], text: string): Promise<void> {
    const lines = ['HELO client.example', `MAIL FROM:<${sender}>`, ...recipients.map((to) => `RCPT TO:<${to}>`), 'DATA']
    const socket = connect({ port: this.#running.smtpPort, host: '127.0.0.1' })
    socket.on('error', () => undefined)
    for (const line of lines) {
      await new Promise((resolve) => socket.once('data', resolve))
      socket.write(`${line}\r\n`)
    }
    await new Promise((resolve) => socket.once('data', resolve))
    socket.write(text.replaceAll('\n', '\r\n'))
    await until('the beginning of a message in the queue', () => this.#scenarioHome.home.queued().length > 0)
    socket.destroy()
  }

  /** A queue that is killed before its envelope is complete; what it leaves is old enough to be swept when the system starts again. */
  async #leaveBehind(tag: string, text: string): Promise<void> {
    await this.#running.stop()
    const { directory, root, environment } = this.#scenarioHome.home
    const envelope = join(root, `envelope-${tag}`)
    await execa('mkfifo', [envelope])
    const queue = spawn('/bin/sh', ['-c', 'exec "$0" 1<>"$1"', join(directory, 'bin/queue'), envelope], { env: environment })
    queue.stdin.end(text)
    const left = (): string[] => pathsBelow(this.#scenarioHome.path('queue')).filter((path) => /^(?:mess|intd)\//.test(path))
    const files = await until('the beginning of an envelope in the queue', () => left().some((path) => path.startsWith('intd/')) && left())
    queue.kill('SIGKILL')
    await once(queue, 'exit')
    const old = Date.now() / 1_000 - oldSeconds
    for (const path of files) utimesSync(join(this.#scenarioHome.path('queue'), path), old, old)
    this.#running = await this.#scenarioHome.start()
  }

  async #done(scenario: Scenario, tag: string): Promise<void> {
    if (scenario.deferred === true) await this.#goOn(scenario, tag)
    await until(
      () => `the end of ${scenario.name}; the log so far:\n${this.#running.log}`,
      () => {
        const left = pathsBelow(this.#scenarioHome.path('queue')).filter((path) => !path.startsWith('spare/')).length
        if (left > 0 && scenario.deferred === true) this.#running.signal('SIGALRM')
        return left === 0
      },
    )
  }

  /** The delivery has been deferred; tools are run; from now on it will succeed. */
  async #goOn({ tools = [] }: Scenario, tag: string): Promise<void> {
    await until(
      () => `a deferral that is preprocessed; the log so far:\n${this.#running.log}`,
      () => {
        const number = new RegExp(`starting delivery (\\d+): msg \\d+ to local joe-${tag}-d@`).exec(this.#running.log)?.[1]
        const ended = number !== undefined && this.#running.log.includes(`delivery ${number}: deferral`)
        return ended && !pathsBelow(this.#scenarioHome.path('queue')).some((path) => path.startsWith('todo/'))
      },
    )
    if (tools[0]?.[0] === 'qretry') this.#scenarioHome.allow(tag)
    for (const [tool = '', ...args] of tools) {
      await this.#scenarioHome.home.run(
        tool,
        args.map((arg) => arg.replace('TAG', tag)),
      )
    }
    this.#scenarioHome.allow(tag)
  }

  #mark(name: string): void {
    mkdirSync(join(this.#scenarioHome.home.root, 'marks', name))
  }
}

async function main([programs = '', manifest = '', ...names]: string[]): Promise<void> {
  const ends: (() => unknown)[] = []
  const cleaner = { teardown: (work: () => unknown): void => void ends.unshift(work) }
  try {
    const scenarioHome = await ScenarioHome.open(cleaner, programs === '' ? undefined : programs)
    const run = new ScenarioRun(scenarioHome, await scenarioHome.start())
    const played: Manifest['played'][number][] = []
    for (const [index, name] of names.entries()) {
      const tag = tagOf(index + 1)
      played.push({ name, tag, files: await run.play(scenarioNamed(name), tag) })
    }
    const told: Manifest = { root: scenarioHome.home.root, roots: [...scenarioHome.roots], played }
    writeFileSync(manifest, JSON.stringify(told))
  } finally {
    for (const end of ends) await end()
  }
}

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2))
