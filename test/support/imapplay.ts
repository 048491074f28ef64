/**
 * Recorded dialogues of IMAP, played against imapd, authd and sessiond on a fresh home. Every fixture has an account of
 * its own, so none sees what another one left.
 */
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { amRoot, type Cleaner, ScratchHome, userAccount } from './home.ts'
import { playScript, scriptsOf } from './imapscript.ts'
import { giveAccounts, Logins } from './logins.ts'

/** Directory of the recordings that are part of this tree, and their player. */
export const ownDialogues: string = join(import.meta.dirname, '../suites/imap/fixtures')
export const ownPlayer: string = join(ownDialogues, 'imapplay.mjs')

/** What became of a fixture: `pass`, `skip` and why, or what was wrong. */
export type Outcome = string | readonly string[]

export class DialoguePlayer {
  readonly #home: ScratchHome
  readonly #logins: Logins
  readonly #player: string
  /** The number of the last account that was used. */
  #last = 0

  private constructor(home: ScratchHome, logins: Logins, player: string) {
    this.#home = home
    this.#logins = logins
    this.#player = player
  }

  /** @param player - the program that plays. @param files - all that will be played, each once. */
  static async start(cleaner: Cleaner, player: string, files: readonly string[]): Promise<DialoguePlayer> {
    const total = files.reduce((sum, file) => sum + fixtureCount(file), 0)
    const users = Array.from({ length: total }, (_, at) => `fx${at + 1}`)
    const home = await ScratchHome.make(cleaner, ...users)
    if (amRoot) giveAccounts(home)
    await giveOnePassword(home, users)
    home.control('mailquota', '1024') // as where they were recorded
    return new DialoguePlayer(home, await Logins.start(cleaner, home, { front: 'imapd' }), player)
  }

  /** What the programs have said. */
  get log(): string {
    return this.#logins.log
  }

  /**
   * Play a file.
   *
   * @param only - a regular expression for names of fixtures; empty for all
   * @returns by name what became of each, and what the player said
   */
  async play(file: string, only = ''): Promise<{ outcomes: ReadonlyMap<string, Outcome>; said: string }> {
    const results = join(this.#home.root, 'outcomes.json')
    const args = [
      ...['--user', 'fx%d', '--maildir', this.#home.userHome('fx%d/Maildir'), '--owner', `${userAccount.uid}:${userAccount.gid}`],
      ...['--first', String(this.#last), '--timeout', '60000', '--json', results],
      ...(only === '' ? [] : ['--only', only]),
    ]
    const child = spawn(process.execPath, [this.#player, `127.0.0.1:${this.#logins.port}`, file, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#last += fixtureCount(file)
    let said = ''
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1')
    })
    await new Promise((resolve) => child.once('close', resolve))
    return { outcomes: new Map(Object.entries(JSON.parse(readFileSync(results, 'utf8')) as Record<string, Outcome>)), said }
  }

  /** Play a file of scripts. @returns by name what became of each */
  async playScripts(file: string, only = ''): Promise<ReadonlyMap<string, Outcome>> {
    const outcomes = new Map<string, Outcome>()
    for (const script of scriptsOf(file)) {
      this.#last += 1
      if (!new RegExp(only).test(script.name)) continue
      const trouble = await playScript(this.#logins.port, `fx${this.#last}`, script)
      outcomes.set(script.name, trouble === undefined ? 'pass' : [trouble])
    }
    return outcomes
  }
}

function fixtureCount(file: string): number {
  return (JSON.parse(readFileSync(file, 'utf8')) as { fixtures: unknown[] }).fixtures.length
}

/** The same line for everybody: a slow hash each would take minutes. */
async function giveOnePassword(home: ScratchHome, users: readonly string[]): Promise<void> {
  await home.run('setpassword', ['fx1'], { input: 'pass\n' })
  const path = ['state/auth/passwords', 'users/passwords'].map((name) => join(home.directory, name)).find((name) => existsSync(name)) ?? ''
  const line = readFileSync(path, 'latin1').trimEnd()
  const others = users.slice(1).map((user) => `${line.replace(/^fx1(?=:)/m, user)}\n`)
  appendFileSync(path, others.join(''))
}
