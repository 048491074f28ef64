/** What would happen to mail for an address now. The working directory is the home. */
import { readdirSync } from 'node:fs'
import { lowerCase, splitAddress } from '@yabumi/address'
import { admits, readAdmission } from '@yabumi/admission'
import { onControlWarning, readNumber } from '@yabumi/control'
import { accountToBecome, asAccount } from '@yabumi/home'
import { localDeliveries, queueLifetimeSeconds, remoteDeliveries } from '@yabumi/limits'
import { type PartSelection, type SelectOrder, selectPart } from '@yabumi/queuecare'
import { type MessageId, split } from '@yabumi/queuedir'
import { lookByParts } from '@yabumi/queueparts'
import { nextRetry } from '@yabumi/retrytimes'
import { greetingFor, wantsWideNumbers, wideNumbers } from '@yabumi/spawnprotocol'
import { errnoOf } from '@yabumi/trouble'
import { explainLocal, type LocalWay, withDestinations } from './localway.ts'
import { type RecipientAnswers, recipientAnswers } from './recipientanswer.ts'
import { explainRemote, type RemoteWay } from './remoteway.ts'
import { type Way, wayOf } from './way.ts'

export interface Limits {
  /** Deliveries at once on that channel, as far as our spawn programs take them. */
  readonly concurrency: number
  readonly queueLifetimeSeconds: number
  /** Ages at which a message that is deferred each time is tried. */
  readonly attemptsAtSeconds: readonly number[]
  /** Longest message that smtpd takes; 0 for no limit. */
  readonly messageBytes: number
}

export interface AddressReport {
  readonly kind: 'address'
  readonly address: string
  /** Whether smtpd takes mail for its domain from strangers; undefined where there is no rcpthosts, and everything is taken. */
  readonly takenFromStrangers: boolean | undefined
  /** What smtpd answers to RCPT, whoever the sender is. */
  readonly rcpt: RecipientAnswers
  readonly way: Way
  readonly local: LocalWay | undefined
  readonly remote: RemoteWay | undefined
  readonly limits: Limits
  /** Messages for it that wait in the queue; undefined where that is not ours to read. */
  readonly waiting: readonly MessageId[] | undefined
  readonly notes: readonly string[]
}

const attemptsShown = 6

/** @throws Trouble if a control file cannot be read */
export async function explainAddress(address: string): Promise<AddressReport> {
  const notes: string[] = []
  onControlWarning((warning) => notes.push(warning))
  const way = wayOf(address)
  const domain = splitAddress(way.address).domain ?? ''
  const local = way.channel === 'local' ? await explainLocal(way.address) : undefined
  const remote = way.channel === 'remote' ? await explainRemote(domain) : undefined
  const waiting = await asAccount(accountToBecome('send'), () => waitingFor(way.address))
  if (waiting === undefined)
    notes.push(
      `the queue is readable only to the accounts that own it: whether mail for it waits there, uid ${process.getuid?.()} cannot see`,
    )
  return {
    ...{ kind: 'address', address, takenFromStrangers: takenFromStrangers(address), rcpt: await recipientAnswers(address) },
    ...{ way, remote, waiting, notes },
    local: local && { ...local, steps: withDestinations(local.steps) },
    limits: limitsOf(way.channel),
  }
}

function takenFromStrangers(address: string): boolean | undefined {
  const admission = readAdmission(new Map())
  return admission.allowedHosts === undefined ? undefined : admits(admission, address)
}

function limitsOf(channel: 'local' | 'remote'): Limits {
  const isLocal = channel === 'local'
  const attempts = [0]
  while (attempts.length < attemptsShown) attempts.push(nextRetry(0, attempts.at(-1) as number, channel))
  return {
    concurrency: concurrencyOf(isLocal),
    queueLifetimeSeconds: readNumber('queuelifetime', queueLifetimeSeconds),
    attemptsAtSeconds: attempts,
    messageBytes: readNumber('databytes', 0),
  }
}

/** As start and the spawn programs would settle it now, with our limit on open files for theirs. */
function concurrencyOf(isLocal: boolean): number {
  const wanted = [readNumber('concurrencylocal', localDeliveries), readNumber('concurrencyremote', remoteDeliveries)] as const
  const { limit } = greetingFor(wantsWideNumbers(wanted) ? [wideNumbers] : [])
  return Math.min(limit, isLocal ? wanted[0] : wanted[1])
}

/** Messages with this recipient still to do, the oldest first. */
async function waitingFor(address: string): Promise<MessageId[] | undefined> {
  const none = { ids: undefined, senders: undefined, domains: undefined, olderThan: undefined, youngerThan: undefined }
  const order: SelectOrder = { criteria: { ...none, recipients: [lowerCase(address)] }, virtualDomains: [] }
  const home = process.cwd()
  const found: { id: MessageId; birth: number }[] = []
  try {
    process.chdir('queue')
    const messages = readdirSync('info/0').length * split
    for await (const { selected } of lookByParts<SelectOrder, PartSelection>(selectPart, order, messages)) found.push(...selected)
    return found.sort((a, b) => a.birth - b.birth).map(({ id }) => id)
  } catch (error) {
    const code = errnoOf(error)
    if (code !== 'EACCES' && code !== 'EPERM') throw error
    return undefined
  } finally {
    process.chdir(home)
  }
}
