/**
 * make imap-suites SUITES=DIR [ONLY=REGEX]: play every file of IMAP dialogues in a directory against a fresh home.
 *
 * DIR has the files, and in tools/ the player that understands them. Every fixture has a mailbox of its own.
 *
 * Out     what the player says of fixtures that fail, and a line for each file: its name, and how many passed
 * Exit    1 if a fixture failed, 100 if there is none to play
 */
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { amRoot, ScratchHome, userAccount } from '../support/home.ts'
import { giveAccounts, Logins } from '../support/logins.ts'

const [, , directory = '', only = ''] = process.argv
const player = join(resolve(directory), 'tools/imapplay.mjs')
const played = (name: string): boolean =>
  name.endsWith('.json') && /"kind": ?"(golden|imaptest)"/.test(readFileSync(join(directory, name), 'utf8'))
const files = existsSync(player) ? readdirSync(directory).filter(played).sort() : []
if (files.length === 0) {
  process.stderr.write(`imap-suites: there is nothing to play in ${directory || 'SUITES='}\n`)
  process.exit(100)
}

const fixturesOf = (name: string): number =>
  (JSON.parse(readFileSync(join(directory, name), 'utf8')) as { fixtures: unknown[] }).fixtures.length
const total = files.reduce((sum, name) => sum + fixturesOf(name), 0)
const users = Array.from({ length: total }, (_, at) => `fx${at + 1}`)
const cleanups: (() => unknown)[] = []
const cleaner = { teardown: (work: () => unknown) => cleanups.push(work) }
try {
  const home = await ScratchHome.make(cleaner, ...users)
  if (amRoot) giveAccounts(home)
  await giveOnePassword(home)
  const logins = await Logins.start(cleaner, home, { front: 'imapd' })
  let first = 0
  for (const name of files) {
    if (!(await play(home, logins, name, first))) process.exitCode = 1
    first += fixturesOf(name)
  }
  if (process.env['LOG'] !== undefined) process.stderr.write(logins.log)
} finally {
  for (const work of cleanups.reverse()) await work()
}
process.exit()

/** The same line for everybody: a slow hash each would take minutes. */
async function giveOnePassword(home: ScratchHome): Promise<void> {
  await home.run('setpassword', ['fx1'], { input: 'pass\n' })
  const path = ['state/auth/passwords', 'users/passwords'].map((name) => join(home.directory, name)).find((name) => existsSync(name)) ?? ''
  const line = readFileSync(path, 'latin1').trimEnd()
  appendFileSync(
    path,
    users
      .slice(1)
      .map((user) => `${line.replace(/^fx1(?=:)/m, user)}\n`)
      .join(''),
  )
}

/** @param first - the number before that of the first user. @returns whether all fixtures passed */
async function play(home: ScratchHome, logins: Logins, name: string, first: number): Promise<boolean> {
  const owner = `${userAccount.uid}:${userAccount.gid}`
  const where = ['--user', 'fx%d', '--maildir', home.userHome('fx%d/Maildir'), '--owner', owner, '--first', String(first)]
  const wanted = only === '' ? [] : ['--only', only]
  const args = [player, `127.0.0.1:${logins.port}`, join(resolve(directory), name), ...where, ...wanted]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1')
  })
  const status = await new Promise((resolve) => child.once('close', resolve))
  const lines = said.trimEnd().split('\n')
  process.stdout.write([...lines.slice(0, -1), `${basename(name, '.json')}: ${lines.at(-1)}`, ''].join('\n'))
  return status === 0
}
