import { findMailAddresses } from './addresses.ts'
import { bindingOf } from './binding.ts'
import { converse, hangUp, type Mail, stale } from './conversation.ts'
import { openConnection } from './open.ts'
import { routeOf } from './route.ts'
import type { Settings } from './settings.ts'
import { systemTrouble } from './texts.ts'

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
  const reports: string[] = []
  const waiting = job.recipients.values()
  const mail: Mail = {
    sender: job.sender,
    nextRecipient: () => waiting.next().value,
    reportRecipient: (report) => reports.push(report),
    messageFd: () => job.fd,
  }
  reports.push(await attempt(job.host, mail, settings))
  return reports
}

async function attempt(host: string, mail: Mail, settings: Settings): Promise<string> {
  const route = routeOf(host, settings.routes)
  const found = await findMailAddresses(route)
  if ('report' in found) return found.report
  const connection = await openConnection(found.addresses, route.port, settings, bindingOf(host, settings.bindings))
  if (typeof connection === 'string') return connection
  const ending = await converse(connection, mail, settings.heloHost)
  return ending === stale ? systemTrouble : hangUp(connection, ending)
}
