/** The home that scenarios are recorded in and rebuilt states are started in: one user, joe, with a dotfile for each tag and letter. */
import { chownSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { ossifiedSeconds } from '@yabumi/limits'
import { type Cleaner, hostName, ScratchHome, userAccount } from '../support/home.ts'
import type { Running } from '../support/running.ts'
import { type Received, type Sink, startSink } from '../support/sink.ts'
import { dotfiles, doubleBounces, farBoxes, farHost, maildirs, type needsOf, toldField } from './scenarios.ts'

/** Age of a file that nobody can be working on any more. */
export const oldSeconds = ossifiedSeconds + 3_600

export class ScenarioHome {
  readonly home: ScratchHome
  readonly sink: Sink
  #files = 0

  private constructor(home: ScratchHome, sink: Sink) {
    this.home = home
    this.sink = sink
  }

  /** @param programs - the bin directory of the programs to run, if they are not this checkout's */
  static async open(cleaner: Cleaner, programs: string | undefined): Promise<ScenarioHome> {
    const home = await ScratchHome.make(cleaner, 'joe')
    if (programs !== undefined) {
      rmSync(join(home.directory, 'bin'))
      symlinkSync(programs, join(home.directory, 'bin'))
    }
    let scenarioHome: ScenarioHome | undefined
    const sink = await startSink(undefined, 0, (message) => scenarioHome?.keep(message))
    cleaner.teardown(() => sink.close())
    home.control('smtproutes', `${farHost}:127.0.0.1:${sink.port}\n`)
    home.control('esmtp', '0\n') // with this and just8, BODY goes out as the envelope has it; otherwise the bytes decide
    home.control('just8', '1\n')
    home.control('tlspolicy', `${farHost}:may\n`) // the host is greeted with EHLO all the same
    home.control('rcpthosts', `${hostName}\n${farHost}\n`)
    home.control('unknownusers', 'accept\n') // bounces are wanted
    home.control('doublebounceto', `joe-${doubleBounces}\n`)
    home.control('concurrencylocal', '50\n')
    home.control('concurrencyremote', '50\n')
    scenarioHome = new ScenarioHome(home, sink)
    for (const path of ['marks', 'far', 'hold']) mkdirSync(join(home.root, path))
    for (const path of ['boxes', 'flags']) scenarioHome.#directory(path)
    home.userFile('joe', `.qmail-${doubleBounces}`, `./boxes/${doubleBounces}/\n`)
    scenarioHome.#maildir(doubleBounces)
    return scenarioHome
  }

  /** Where the trees of the model are. */
  get roots(): ReadonlyMap<string, string> {
    return new Map([
      ['queue', join(this.home.directory, 'queue')],
      ['boxes', join(this.home.userHome('joe'), 'boxes')],
      ['far', join(this.home.root, 'far')],
    ])
  }

  /** The real path of a path of the model. */
  path(path: string): string {
    const [first = '', ...rest] = path.split('/')
    return join(this.roots.get(first) ?? '', ...rest)
  }

  /** Dotfiles and empty mailboxes for a tag. */
  addTag(tag: string, { letters, boxes }: ReturnType<typeof needsOf>): void {
    this.#directory(`boxes/${tag}`)
    for (const [letter, text] of dotfiles(tag)) if (letters.has(letter)) this.home.userFile('joe', `.qmail-${tag}-${letter}`, text)
    for (const box of maildirs) if (boxes.has(box)) this.#maildir(`${tag}/${box}`)
    mkdirSync(join(this.home.root, 'far', tag))
    for (const box of farBoxes) {
      if (!boxes.has(box)) continue
      for (const part of ['', 'tmp', 'new']) mkdirSync(join(this.home.root, 'far', tag, box, part))
    }
  }

  /** From now on the deliveries of a tag that are deferred at first succeed. */
  allow(tag: string): void {
    writeFileSync(join(this.home.userHome('joe'), 'flags', tag), '')
  }

  /** Start everything. */
  start(): Promise<Running> {
    return this.home.supervise({ pop3: [] })
  }

  /** The other host keeps a message as carefully as anybody, before it says so; and what it was told of it, in a line on top. */
  keep({ recipients, parameters, text }: Received): void {
    for (const recipient of recipients) {
      const [, tag, box] = /^joe-(t\d{6})-([a-z]+)@/.exec(recipient) ?? []
      if (tag === undefined || box === undefined) continue
      const directory = join(this.home.root, 'far', tag, box)
      this.#files += 1
      const name = `${process.pid}.${this.#files}`
      const fd = openSync(join(directory, 'tmp', name), 'wx')
      writeSync(fd, `${toldField}: ${parameters}\n${text}`, null, 'latin1')
      fsyncSync(fd)
      closeSync(fd)
      renameSync(join(directory, 'tmp', name), join(directory, 'new', name))
      const parent = openSync(join(directory, 'new'), 'r')
      fsyncSync(parent)
      closeSync(parent)
    }
  }

  #maildir(path: string): void {
    for (const part of ['', 'tmp', 'new', 'cur']) this.#directory(join('boxes', path, part))
  }

  #directory(path: string): void {
    const directory = join(this.home.userHome('joe'), path)
    mkdirSync(directory, { mode: 0o700 })
    chownSync(directory, userAccount.uid, userAccount.gid)
  }
}
