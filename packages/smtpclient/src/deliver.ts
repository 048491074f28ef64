import { findMailAddresses } from './addresses.ts'
import { bindingOf } from './binding.ts'
import { converse, hangUp, type Mail, stale } from './conversation.ts'
import { openConnection, openSocket } from './open.ts'
import { recipientReport, sendByQmtp } from './qmtp.ts'
import { type Route, routeOf } from './route.ts'
import type { Settings } from './settings.ts'
import * as texts from './texts.ts'

/** One message for recipients at one host. Byte strings. */
export interface Job {
  readonly host: string
  readonly sender: string
  readonly recipients: readonly string[]
  /** The message, open at its start. */
  readonly fd: number
}

/**
 * Deliver over a connection of its own, as qmail-remote does.
 *
 * @returns the reports: one for each recipient that the host answered, then one for the message
 */
export async function deliver(job: Job, settings: Settings): Promise<string[]> {
  const route = routeOf(job.host, settings.routes, settings.qmtpRoutes)
  if (route.protocol === 'qmtp') return deliverByQmtp(job, route, settings)
  const reports: string[] = []
  const waiting = job.recipients.values()
  const mail: Mail = {
    sender: job.sender,
    nextRecipient: () => waiting.next().value,
    reportRecipient: (report) => reports.push(report),
    messageFd: () => job.fd,
  }
  reports.push(await attempt(job.host, route, mail, settings))
  return reports
}

async function attempt(host: string, route: Route, mail: Mail, settings: Settings): Promise<string> {
  const found = await findMailAddresses(route)
  if ('report' in found) return found.report
  const connection = await openConnection(found.addresses, route.port, settings, bindingOf(host, settings.bindings))
  if (typeof connection === 'string') return connection
  const ending = await converse(connection, mail, settings.heloHost)
  return ending === stale ? texts.systemTrouble : hangUp(connection, ending)
}

async function deliverByQmtp(job: Job, route: Route, settings: Settings): Promise<string[]> {
  const found = await findMailAddresses(route)
  if ('report' in found) return [found.report]
  const made = await openSocket(found.addresses, route.port, settings, bindingOf(job.host, settings.bindings))
  if (typeof made === 'string') return [made]
  const { answers, trouble } = await sendByQmtp(made.socket, made.address, job, settings.silenceSeconds)
  const accepted = answers.find(({ letter }) => letter === 'K')
  const report = accepted === undefined ? texts.noRecipient(made.address) : texts.accepted(made.address, accepted.text)
  return [...answers.map((answer) => recipientReport(answer, made.address)), trouble ?? report]
}
