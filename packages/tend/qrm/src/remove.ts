/**
 * Remove what is meant, as the desk allows. Where no send runs that is at once. Where ours runs it is with the message
 * held. Where another one runs it is by marks that send comes upon at its next attempt.
 */
import type { ConstMap } from '@yabumi/control'
import { nowSeconds } from '@yabumi/dates'
import type { Account } from '@yabumi/home'
import type { Answer, ChannelTime, Desk, Selected, Target } from '@yabumi/queuecare'
import type { Channel } from '@yabumi/queueview'
import { heldUntil, isHeld, nextRetry } from '@yabumi/retrytimes'
import { errorText } from '@yabumi/trouble'
import { eliminate, hasFailures } from './eliminate.ts'
import { markDone } from './mark.ts'

/** Before this age no second attempt is made. */
const youngSeconds = 100

/** removed: gone, or as good as: send finishes it, now or when it next runs. soon: at the next attempt. Otherwise why it cannot be. */
export type Removal = 'removed' | 'soon' | 'busy' | 'gone' | 'early' | { readonly why: string }

export interface Means {
  readonly desk: Desk
  /** To tell the senders, in bounces; undefined not to. */
  readonly virtualDomains: ConstMap | undefined
  /** The account of queue, for root. */
  readonly queue: Account | undefined
}

/** @param removed - told of each message, once */
export async function removeAll(
  selected: readonly Selected[],
  means: Means,
  removed: (message: Selected, removal: Removal) => void,
): Promise<void> {
  if (means.desk.manner === 'asks') return removeHeld(selected, means, removed)
  const atOnce = eliminate(
    selected.filter((message) => canGoAtOnce(message, means)),
    means.queue,
  )
  for (const message of selected) removed(message, atOnce.get(message.id) ?? unlessTrouble(() => removeUnasked(message, means)))
}

/** Where no send runs, and nobody is to hear of it. */
function canGoAtOnce({ id, others }: Selected, { desk, virtualDomains }: Means): boolean {
  return desk.manner === 'alone' && others === 0 && virtualDomains === undefined && !hasFailures(id)
}

/** One message that somebody has tampered with keeps no other. */
function unlessTrouble(work: () => Removal): Removal {
  try {
    return work()
  } catch (error) {
    return { why: errorText(error) }
  }
}

/** Where nobody is asked: no send runs, or one that is not ours. */
function removeUnasked(message: Selected, { desk, virtualDomains }: Means): Removal {
  const { preprocessed, others } = message
  const alone = desk.manner === 'alone'
  if (!preprocessed && (!alone || others > 0 || virtualDomains !== undefined)) return 'early'
  if (!markDone(message, virtualDomains)) return 'gone'
  if (others > 0) desk.schedule(filesOf(message).map(({ channel, time }) => [targetOf(message, channel), time])) // which the marks have changed
  return alone ? 'removed' : 'soon'
}

/** Hold all, mark those that are held, let all go. */
async function removeHeld(
  selected: readonly Selected[],
  { desk, virtualDomains }: Means,
  removed: (message: Selected, removal: Removal) => void,
): Promise<void> {
  const answers = new Map<Selected['id'], Set<Answer>>(selected.map(({ id }) => [id, new Set()]))
  await desk.hold(selected.filter(({ preprocessed }) => preprocessed).flatMap(targetsOf), ({ id }, answer) => answers.get(id)?.add(answer))
  const finished: Target[] = []
  const others: [Target, number][] = []
  for (const message of selected) {
    const heard = answers.get(message.id) as ReadonlySet<Answer>
    const removal = unlessTrouble(() => removeIfHeld(message, heard, virtualDomains))
    removed(message, removal)
    if (removal === 'removed' && message.others === 0) finished.push(...targetsOf(message))
    else if (heard.has('done'))
      others.push(...filesOf(message).map((file): [Target, number] => [targetOf(message, file.channel), later(message, file)]))
  }
  desk.schedule(others)
  await desk.retry(finished, () => undefined) // send finds nobody to do, and finishes them
}

function removeIfHeld(message: Selected, heard: ReadonlySet<Answer>, virtualDomains: ConstMap | undefined): Removal {
  if (!message.preprocessed) return 'early'
  if (heard.has('busy')) return 'busy'
  return heard.has('done') && markDone(message, virtualDomains) ? 'removed' : 'gone'
}

/** When recipients that are not meant are tried next: never if they were held; now if they may not have been tried yet. */
function later({ birth }: Selected, { channel, time }: ChannelTime): number {
  if (isHeld(time)) return heldUntil
  const now = nowSeconds()
  return now - birth < youngSeconds ? now : nextRetry(birth, now, channel)
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
