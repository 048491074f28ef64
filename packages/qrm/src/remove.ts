/**
 * Remove what is meant, as the desk allows: at once where no send runs; with the message held where ours runs; by marks that
 * send comes upon at its next attempt where another one runs.
 */
import { nowSeconds } from '@yabumi/dates'
import type { Answer, ChannelTime, Desk, Selected, Target } from '@yabumi/queuecare'
import type { Channel } from '@yabumi/queueview'
import { heldUntil, isHeld, nextRetry } from '@yabumi/schedule'
import { eliminate, hasFailures } from './eliminate.ts'
import { type Bounces, markDone } from './mark.ts'

/** Before this age no second attempt is made. */
const youngSeconds = 100

/** removed: gone, or as good as: send finishes it, now or when it next runs. soon: at the next attempt. */
export type Removal = 'removed' | 'soon' | 'busy' | 'gone' | 'early'

/** @param removed - told of each message, once */
export async function removeAll(
  selected: readonly Selected[],
  desk: Desk,
  bounces: Bounces | undefined,
  removed: (message: Selected, removal: Removal) => void,
): Promise<void> {
  if (desk.manner === 'asks') await removeHeld(selected, desk, bounces, removed)
  else for (const message of selected) removed(message, removeUnasked(message, desk, bounces))
}

/** Where nobody is asked: no send runs, or one that is not ours. */
function removeUnasked(message: Selected, desk: Desk, bounces: Bounces | undefined): Removal {
  const { id, preprocessed, others } = message
  const alone = desk.manner === 'alone'
  if (!preprocessed && (!alone || others > 0 || bounces !== undefined)) return 'early'
  if (alone && others === 0 && bounces === undefined && !hasFailures(id)) return eliminate(message) ? 'removed' : 'gone'
  if (!markDone(message, bounces)) return 'gone'
  if (others > 0) desk.schedule(filesOf(message).map(({ channel, time }) => [targetOf(message, channel), time])) // which the marks have changed
  return alone ? 'removed' : 'soon'
}

/** Hold all, mark those that are held, let all go. */
async function removeHeld(
  selected: readonly Selected[],
  desk: Desk,
  bounces: Bounces | undefined,
  removed: (message: Selected, removal: Removal) => void,
): Promise<void> {
  const answers = new Map<Selected['id'], Set<Answer>>(selected.map(({ id }) => [id, new Set()]))
  await desk.hold(selected.filter(({ preprocessed }) => preprocessed).flatMap(targetsOf), ({ id }, answer) => answers.get(id)?.add(answer))
  const finished: Target[] = []
  const others: [Target, number][] = []
  for (const message of selected) {
    const heard = answers.get(message.id) as ReadonlySet<Answer>
    const removal = removeIfHeld(message, heard, bounces)
    removed(message, removal)
    if (removal === 'removed' && message.others === 0) finished.push(...targetsOf(message))
    else if (heard.has('done'))
      others.push(...filesOf(message).map((file): [Target, number] => [targetOf(message, file.channel), later(message, file)]))
  }
  desk.schedule(others)
  await desk.retry(finished, () => undefined) // send finds nobody to do, and finishes them
}

function removeIfHeld(message: Selected, heard: ReadonlySet<Answer>, bounces: Bounces | undefined): Removal {
  if (!message.preprocessed) return 'early'
  if (heard.has('busy')) return 'busy'
  return heard.has('done') && markDone(message, bounces) ? 'removed' : 'gone'
}

/** When recipients that are not meant are tried next: never if they were held; now if they may not have been tried yet. */
function later({ birth }: Selected, { channel, time }: ChannelTime): number {
  if (isHeld(time)) return heldUntil
  const now = nowSeconds()
  return now - birth < youngSeconds ? now : nextRetry(birth, now, channel === 'local' ? 0 : 1)
}

function targetOf({ id, stamp }: Selected, channel: Channel): Target {
  return { id, stamp, channel }
}

/** The channels that matter: those with a recipient that is meant. */
function filesOf({ channels, recipients }: Selected): ChannelTime[] {
  return channels.filter(({ channel }) => recipients.some((recipient) => recipient.channel === channel))
}

function targetsOf(message: Selected): Target[] {
  return filesOf(message).map(({ channel }) => targetOf(message, channel))
}
