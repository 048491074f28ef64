/**
 * make alternate: Dovecot and we change one Maildir in turns, and race on it.
 *
 *     node test/alternate/main.ts [--rounds N] [--seconds N] [--seed N]
 *
 * Out   what was wrong, and a line for each part
 * Exit  1 if anything was; 100 where Dovecot cannot run
 */
import { parseArgs } from 'node:util'
import { randomFrom } from '../crash-explorer/random.ts'
import { dovecotImapMissing } from '../support/dovecot.ts'
import { Race } from './race.ts'
import { Rounds } from './rounds.ts'
import { World } from './world.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string' } } })
const rounds = Number(values.rounds ?? 400)
const seconds = Number(values.seconds ?? 60)
const seed = Number(values.seed ?? 1)
const absent = dovecotImapMissing()
if (absent !== false) {
  process.stderr.write(`alternate: ${absent}\n`)
  process.exit(100)
}

function report(what: string, bad: readonly string[]): void {
  for (const line of bad.slice(0, 20)) process.stdout.write(`${line}\n`)
  process.stdout.write(`${what}: ${bad.length} bad\n`)
  if (bad.length > 0) process.exitCode = 1
}

const cleanups: (() => unknown)[] = []
try {
  const world = await World.start({ teardown: (work) => cleanups.push(work) }, 'turns', 'together', 'race')
  for (const [user, isKept] of [
    ['turns', false],
    ['together', true],
  ] as const) {
    report(
      `${rounds} rounds ${isKept ? 'by sessions that stay' : 'by a session each'}, seed ${seed}`,
      await new Rounds(world, user, randomFrom(seed), isKept).play(rounds),
    )
  }
  const end = performance.now() + 1000 * seconds
  const { bad, messages, renumbered, reads } = await new Race(world, 'race', randomFrom(seed), () => performance.now() < end).run()
  report(
    `${seconds} s of racing, ${messages} messages at its end, ${renumbered} renumbered by Dovecot itself, read ${reads} times by mutt`,
    bad,
  )
} finally {
  for (const work of cleanups.reverse()) await work()
}
process.exit()
