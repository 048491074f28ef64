/**
 * make imap-suites SUITES=DIR [ONLY=REGEX]: play every file of IMAP dialogues in a directory against a fresh home.
 *
 * DIR may have a player of its own in tools/; else ours plays. Every fixture has an account of its own.
 *
 * Out     what the player says of fixtures that fail, and a line for each file: its name, and how many passed
 * Exit    1 if a fixture failed, 100 if there is none to play
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { DialoguePlayer, ownPlayer } from '../support/imapplay.ts'

const [, , given = '', only = ''] = process.argv
const directory = resolve(given)
const theirs = join(directory, 'tools/imapplay.mjs')
const isPlayed = (file: string): boolean => file.endsWith('.json') && /"kind": ?"(golden|imaptest)"/.test(readFileSync(file, 'utf8'))
const files = given === '' || !existsSync(directory) ? [] : readdirSync(directory).map((name) => join(directory, name))
const played = files.filter(isPlayed).sort()
if (played.length === 0) {
  process.stderr.write(`imap-suites: there is nothing to play in ${given || 'SUITES='}\n`)
  process.exit(100)
}

const cleanups: (() => unknown)[] = []
const cleaner = { teardown: (work: () => unknown) => cleanups.push(work) }
try {
  const player = await DialoguePlayer.start(cleaner, existsSync(theirs) ? theirs : ownPlayer, played)
  for (const file of played) {
    const { outcomes, said } = await player.play(file, only)
    if ([...outcomes.values()].some((outcome) => typeof outcome !== 'string')) process.exitCode = 1
    const lines = said.trimEnd().split('\n')
    process.stdout.write([...lines.slice(0, -1), `${basename(file, '.json')}: ${lines.at(-1)}`, ''].join('\n'))
  }
  if (process.env['LOG'] !== undefined) process.stderr.write(player.log)
} finally {
  for (const work of cleanups.reverse()) await work()
}
process.exit()
