/**
 * What EHLO says, a keyword a line (RFC 5321 §4.1.1.1): the one table. Its order is that of the reply.
 *
 * Without new control files the reply is qmail's, byte for byte.
 */
import { leastDeadlineSeconds } from '@yabumi/limits'
import { type Reaction, reply } from './replies.ts'
import type { Settings } from './settings.ts'
import type { SessionTls } from './wire.ts'

/** What a session has come to, as far as its extensions depend on it. */
export interface Standing {
  readonly settings: Settings
  /** The client has said EHLO, and no HELO since then. */
  readonly extended: boolean
  readonly tls: SessionTls
  /** Mechanisms by which the client may log in now. */
  readonly logins: readonly string[]
}

/** Whether the client may ask for TLS: there is a certificate, and it is still in clear. */
function offersTls({ settings, tls }: Standing): boolean {
  return tls.facts === undefined && tls.isAvailable && settings.offersTls
}

/** The answer to STARTTLS. */
export function reactToStartTls(argument: string, standing: Standing): Reaction {
  if (standing.tls.facts !== undefined) return { reply: reply.tlsIsOn }
  if (!offersTls(standing)) return { reply: reply.unimplemented }
  if (argument !== '') return { reply: reply.tlsArgument }
  return standing.tls.admits() ? { reply: reply.readyForTls, next: 'tls' } : { reply: reply.tooManyHandshakes }
}

/** Whether the client may ask for reports (RFC 3461): who may send through here, and others where control/dsn is 1. */
export function takesReportTerms({ settings: { esmtp, offersDsn, relayClient }, extended }: Standing): boolean {
  return esmtp && extended && (offersDsn || relayClient !== undefined)
}

/** Whether the client may use addresses with UTF-8 (RFC 6531). */
export function takesUtf8({ settings: { esmtp, takesUtf8 }, extended }: Standing): boolean {
  return esmtp && extended && takesUtf8
}

/** Whether it may be demanded that a message travels under TLS only (RFC 8689). */
export function takesTlsDemand({ settings: { esmtp, verifiesHosts }, extended, tls }: Standing): boolean {
  return esmtp && extended && verifiesHosts && tls.facts !== undefined
}

/** Whether the client may say by when a message is to be delivered (RFC 2852). */
export function takesDeadlines({ settings: { esmtp, takesDeadlines, relayClient }, extended }: Standing): boolean {
  return esmtp && extended && takesDeadlines && relayClient !== undefined
}

/** Whether a person submits who has logged in. */
function isSubmitted({ settings: { isSubmission, facts }, extended }: Standing): boolean {
  return extended && isSubmission && facts.message.has('AUTH')
}

/** Whether a person may say how urgent a message is (RFC 6710). */
export function takesPriorities(standing: Standing): boolean {
  return standing.settings.takesPriorities && isSubmitted(standing)
}

/** Whether a person may have a message held (RFC 4865). */
export function takesHolds(standing: Standing): boolean {
  return standing.settings.holdSeconds > 0 && isSubmitted(standing)
}

/** The most that may be asked for, as a time and as a date. */
function futureRelease({ settings: { holdSeconds } }: Standing): string {
  return `FUTURERELEASE ${holdSeconds} ${new Date(Date.now() + 1000 * holdSeconds).toISOString().slice(0, 19)}Z`
}

/** Whether the client may send its messages in chunks (RFC 3030). */
export function takesChunks({ settings: { esmtp }, extended }: Standing): boolean {
  return esmtp && extended
}

/** @returns the keyword and its parameters; undefined where it is not offered */
type Keyword = (standing: Standing) => string | undefined

const keywords: readonly Keyword[] = [
  () => 'PIPELINING',
  () => '8BITMIME',
  (standing) => (offersTls(standing) ? 'STARTTLS' : undefined),
  ({ logins }) => (logins.length > 0 ? `AUTH ${logins.join(' ')}` : undefined),
  ({ settings: { esmtp, databytes } }) => (esmtp ? (databytes > 0 ? `SIZE ${databytes}` : 'SIZE') : undefined),
  (standing) => (takesReportTerms(standing) ? 'DSN' : undefined),
  (standing) => (takesChunks(standing) ? 'CHUNKING' : undefined),
  (standing) => (takesUtf8(standing) ? 'SMTPUTF8' : undefined),
  ({ settings: { enhancedStatus } }) => (enhancedStatus ? 'ENHANCEDSTATUSCODES' : undefined),
  (standing) => (takesTlsDemand(standing) ? 'REQUIRETLS' : undefined),
  (standing) => (takesDeadlines(standing) ? `DELIVERBY ${leastDeadlineSeconds}` : undefined),
  (standing) => (takesPriorities(standing) ? 'MT-PRIORITY' : undefined),
  (standing) => (takesHolds(standing) ? futureRelease(standing) : undefined),
  ({ settings: { esmtp, maxRecipients } }) => (esmtp ? `LIMITS RCPTMAX=${maxRecipients}` : undefined),
]

/** The whole reply to EHLO. */
export function ehloReply(standing: Standing): string {
  const offered = keywords.map((keyword) => keyword(standing)).filter((line) => line !== undefined)
  const lines = [standing.settings.greeting, ...offered]
  return lines.map((line, index) => `250${index < lines.length - 1 ? '-' : ' '}${line}\r\n`).join('')
}
