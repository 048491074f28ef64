/**
 * make imap-suites SUITES=DIR [ONLY=REGEX]: play every file of IMAP dialogues in a directory against a fresh home.
 *
 * DIR may have a player of its own in tools/; else ours plays. Every fixture has an account of its own.
 *
 * Out     what the player says of fixtures that fail, and a line for each file: its name, and how many passed
 * Exit    1 if a fixture failed, 100 if there is none to play
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { DialoguePlayer, ownPlayer } from '../support/imapplay.ts'

/** Tests that read the tables of Dovecot's own tests. */
const unitTests = globSync('packages/*/*/test/dovecot.ts', { cwd: join(import.meta.dirname, '../..') }).sort()

const [, , given = '', only = ''] = process.argv
const directory = resolve(given)
const theirs = join(directory, 'tools/imapplay.mjs')
const has = (file: string, kinds: RegExp): boolean => file.endsWith('.json') && kinds.test(readFileSync(file, 'utf8'))
const isPlayed = (file: string): boolean => has(file, /"kind": ?"(golden|imaptest)"/)
const isScript = (file: string): boolean => has(file, /"kind": ?"mpt"/)
const files = given === '' || !existsSync(directory) ? [] : readdirSync(directory).map((name) => join(directory, name))
const played = files.filter(isPlayed).sort()
const scripts = files.filter(isScript).sort()
if (played.length + scripts.length === 0) {
  process.stderr.write(`imap-suites: there is nothing to play in ${given || 'SUITES='}\n`)
  process.exit(100)
}

const cleanups: (() => unknown)[] = []
const cleaner = { teardown: (work: () => unknown) => cleanups.push(work) }
try {
  const player = await DialoguePlayer.start(cleaner, existsSync(theirs) ? theirs : ownPlayer, [...played, ...scripts])
  for (const file of played) {
    const { outcomes, said } = await player.play(file, only)
    if ([...outcomes.values()].some((outcome) => typeof outcome !== 'string')) process.exitCode = 1
    const lines = said.trimEnd().split('\n')
    process.stdout.write([...lines.slice(0, -1), `${basename(file, '.json')}: ${lines.at(-1)}`, ''].join('\n'))
  }
  for (const file of scripts) {
    const outcomes = [...(await player.playScripts(file, only))]
    const failed = outcomes.filter(([, outcome]) => outcome !== 'pass')
    if (failed.length > 0) process.exitCode = 1
    for (const [name, outcome] of failed) process.stdout.write(`FAIL ${name}\n   ${outcome}\n`)
    process.stdout.write(`${basename(file, '.json')}: ${outcomes.length - failed.length} passed, ${failed.length} failed\n`)
  }
  if (existsSync(join(directory, 'dovecot-unit.json'))) for (const file of unitTests) playUnits(file)
  if (process.env['LOG'] !== undefined) process.stderr.write(player.log)
} finally {
  for (const work of cleanups.reverse()) await work()
}
process.exit()

/** Print how many of its rows are right, and those that are not. */
function playUnits(file: string): void {
  const env = { ...process.env, SUITES: directory, TAP_TIMEOUT: '0' }
  const args = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, '../..', file)]
  const lines = spawnSync(process.execPath, args, { env, encoding: 'utf8', maxBuffer: 100_000_000 }).stdout.split('\n')
  const rows = lines.filter((line) => /^ +(not )?ok /.test(line))
  const failed = rows.filter((line) => line.trimStart().startsWith('not'))
  if (failed.length > 0 || rows.length === 0) process.exitCode = 1
  const [, , name = ''] = file.split('/')
  process.stdout.write([...failed, `dovecot-unit ${name}: ${rows.length - failed.length} passed, ${failed.length} failed`, ''].join('\n'))
}
