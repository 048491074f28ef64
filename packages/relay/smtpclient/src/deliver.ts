/** One message goes to one host over a connection of its own, by SMTP or by QMTP as the routes say. */
import { isAscii, lowerCase } from '@yabumi/address'
import type { Facts } from '@yabumi/facts'
import { Trouble } from '@yabumi/trouble'
import { findMailAddresses } from './addresses.ts'
import { attempt, deadlineFor } from './attempt.ts'
import { wayOf } from './authsenders.ts'
import { bindingOf } from './binding.ts'
import { hangUp, type Mail, type Recipient } from './conversation.ts'
import { openSocket, type Peer, type Way } from './open.ts'
import { recipientReport, sendByQmtp } from './qmtp.ts'
import { keepForReport, securityFor, securityOf } from './security.ts'
import type { Settings } from './settings.ts'
import * as texts from './texts.ts'

/** The report where delivering has thrown: control files that cannot be read say so. */
export function reportOfError(error: unknown): string {
  return error instanceof Trouble ? texts.noControls : texts.systemTrouble
}

/** One message for recipients at one host. Byte strings. */
export interface Job {
  readonly host: string
  readonly sender: string
  readonly recipients: readonly string[]
  /** Of the message and of the recipients, by their place. */
  readonly facts: Facts
  /** The message, open at its start. */
  readonly fd: number
}

/** Each message has a connection of its own. */
const lonePeer: Peer = {
  reluctant: false,
  claim: () => undefined,
  yield: () => undefined,
  release: hangUp,
  abandon: (connection) => connection.close(),
}

/**
 * Deliver, as qmail-remote does.
 *
 * @returns the reports: one for each recipient that the host answered, then one for the message
 */
export async function deliver(job: Job, settings: Settings): Promise<string[]> {
  const route = wayOf(job.sender, job.host, settings)
  const found = await findMailAddresses(route, settings.usesIpv6)
  if ('report' in found) return [found.report]
  const security = securityOf(lowerCase(job.host), route, found.secure, keepForReport)
  const way = { targets: found.targets, binding: bindingOf(job.host, settings.bindings), security }
  if (route.protocol === 'qmtp') return deliverByQmtp(job, way, settings)
  const reports: string[] = []
  const waiting = recipientsOf(job)
  const mail: Mail = {
    sender: job.sender,
    host: job.host,
    facts: job.facts.message,
    hasUtf8Recipient: !job.recipients.every(isAscii),
    size: job.recipients.length,
    connected: () => undefined,
    nextRecipient: () => waiting.next().value,
    endRecipients: () => false,
    reportRecipient: (report) => reports.push(report),
    measuredFd: () => job.fd,
    messageFd: () => job.fd,
  }
  reports.push(await attempt(mail, way, settings, () => lonePeer))
  return reports
}

function* recipientsOf({ recipients, facts }: Job): Generator<Recipient, undefined> {
  for (const [place, address] of recipients.entries()) yield { address, facts: facts.recipients.get(place) ?? new Map() }
}

async function deliverByQmtp(job: Job, plain: Way, settings: Settings): Promise<string[]> {
  const way = { ...plain, security: securityFor(job.facts.message, plain.security) }
  const deadline = deadlineFor(settings)
  const made = await openSocket(way, settings, deadline)
  if (typeof made === 'string') return [made]
  const mail = { ...job, facts: job.facts.message }
  const { answers, trouble } = await sendByQmtp(made.socket, made.address, mail, settings.silenceSeconds, deadline)
  const accepted = answers.find(({ letter }) => letter === 'K')
  const report = accepted === undefined ? texts.noRecipient(made.address) : texts.accepted(made.address, accepted.text)
  return [...answers.map((answer) => recipientReport(answer, made.address)), trouble ?? report]
}
