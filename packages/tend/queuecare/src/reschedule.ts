/** What qhold, qrelease and qretry do: give the channels of messages another time. */
import { say } from '@yabumi/commandline'
import { isHeld } from '@yabumi/retrytimes'
import { type Command, dryRun } from './command.ts'
import { type Answer, Desk, type Target } from './desk.ts'
import type { Selected } from './select.ts'
import { describe } from './words.ts'

export interface Change {
  /** As in `would hold`, `held`. */
  readonly verb: string
  readonly past: string
  /** Which channels it concerns: those that are held, those that are not, or all. */
  readonly concerns: 'held' | 'free'
  /** What is said of a message that has ended since it was asked for, where that is what was wanted. */
  readonly ended?: string
  readonly make: (desk: Desk, targets: readonly Target[], answered: (target: Target, answer: Answer) => void) => Promise<void>
}

const notes: Record<Exclude<Answer, 'done' | 'gone' | 'ended'>, string> = {
  busy: 'is being delivered; nothing is changed',
  later: 'only from the next start of send on: the one that runs is not ours',
}

/** @returns the exit code: 0, or 111 if some messages could not be changed */
export async function reschedule(command: Command, { verb, past, concerns, ended, make }: Change): Promise<0 | 111> {
  const early = command.selected.filter(({ preprocessed }) => !preprocessed)
  const concerned = command.selected
    .map((message) => ({ message, targets: targetsOf(message, concerns) }))
    .filter(({ targets }) => targets.length > 0)
  const code = command.unreadable > 0 ? 111 : 0
  if (!command.act) {
    say(
      dryRun(
        concerned.map(({ message }) => message),
        verb,
      ) + earlyLines(early),
    )
    return code
  }
  const answers = new Map<Selected['id'], Set<Answer>>(concerned.map(({ message }) => [message.id, new Set()]))
  const desk = Desk.open()
  const targets = concerned.flatMap((each) => each.targets)
  await make(desk, targets, ({ id }, answer) => answers.get(id)?.add(answer))
  let failed = 0
  let text = ''
  let count = 0
  for (const { message } of concerned) {
    const heard = answers.get(message.id) as Set<Answer>
    if (heard.has('busy')) failed += 1
    if (heard.has('done') || heard.has('later') || (heard.has('ended') && ended !== undefined)) count += 1
    text += line(message, heard, past, ended)
  }
  say(`${text}${earlyLines(early)}${count} ${count === 1 ? 'message' : 'messages'} ${past}\n`)
  return failed + early.length > 0 ? 111 : code
}

function targetsOf({ id, stamp, channels }: Selected, concerns: Change['concerns']): Target[] {
  return channels.filter(({ time }) => isHeld(time) === (concerns === 'held')).map(({ channel }) => ({ id, channel, stamp }))
}

function line(message: Selected, heard: ReadonlySet<Answer>, past: string, ended: string | undefined): string {
  if (heard.has('busy')) return `#${message.id} ${notes.busy}\n`
  if (heard.has('later')) return `${past} ${describe(message)}, ${notes.later}\n`
  if (heard.has('ended') && ended !== undefined) return `${past} ${describe(message)}, ${ended}\n`
  return heard.has('done') ? `${past} ${describe(message)}\n` : `#${message.id} has ended\n`
}

function earlyLines(early: readonly Selected[]): string {
  return early.map(({ id }) => `#${id} is not preprocessed yet; try again when send has taken it up\n`).join('')
}
