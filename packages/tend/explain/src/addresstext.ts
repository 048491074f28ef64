/** What explain says of an address, in lines. */
import { printable } from '@yabumi/printable'
import type { AddressReport, Limits } from './address.ts'
import type { LocalWay, Step } from './localway.ts'
import type { RecipientAnswer, RecipientAnswers } from './recipientanswer.ts'
import type { RemoteAddress, RemoteWay } from './remoteway.ts'
import { indent, printableLines, wayLines } from './text.ts'

const idsShown = 10

/** The lines, without their ends. Byte strings. */
export function addressLines({ takenFromStrangers, rcpt, way, local, remote, limits, waiting, notes }: AddressReport): string[] {
  return [
    ...wayLines(way),
    ...indent([
      takenFrom(takenFromStrangers),
      ...answerLines(rcpt),
      ...(local === undefined ? [] : localLines(local)),
      ...(remote === undefined ? [] : remoteLines(remote)),
      ...limitLines(limits),
      ...(waiting === undefined ? [] : [waitingLine(waiting)]),
      ...notes.map((note) => `note: ${note}`),
    ]),
  ]
}

function takenFrom(taken: boolean | undefined): string {
  if (taken === undefined) return 'smtpd takes mail for it from everybody: there is no control/rcpthosts'
  return taken
    ? 'smtpd takes mail for its domain from everybody (control/rcpthosts, control/morercpthosts.cdb)'
    : 'smtpd takes mail for it only from clients with RELAYCLIENT: control/rcpthosts has not its domain'
}

function answerLines({ strangers, relayClients }: RecipientAnswers): string[] {
  const others = relayClients.reply === strangers.reply ? [] : [`to clients with RELAYCLIENT: ${answerText(relayClients)}`]
  return [`smtpd answers RCPT for it: ${answerText(strangers)}`, ...others]
}

function answerText({ reply, because, recipientd }: RecipientAnswer): string {
  const reasons = [
    ...(because === undefined ? [] : [`control/${because.file} has ${printable(because.entry)}`]),
    ...(recipientd === undefined ? [] : [`recipientd: ${recipientd.verdict}, ${printable(recipientd.because)}`]),
  ]
  return reasons.length === 0 ? reply : `${reply} (${reasons.join('; ')})`
}

const sources: Record<LocalWay['source'], string> = {
  'users/cdb': 'users/cdb assigns it to',
  account: 'it is that of the account',
  alias: 'no account has it, so it is for',
  nobody: 'it is for',
}

function localLines({ user, source, tried, file, steps, forwardsAs, failure, notes }: LocalWay): string[] {
  const who =
    user === undefined
      ? []
      : [
          `${sources[source]} ${printable(user.user)}, uid ${user.uid}, home ${printable(user.home)}, extension "${printable(user.dash + user.extension)}"`,
        ]
  return [
    ...who,
    ...tried.map(({ name, found }) => `${printable(name)}: ${found ? 'is there' : 'is not there'}`),
    ...(steps.length === 0 ? [] : [`${file} says:`, ...indent(steps.map(stepLine))]),
    ...(forwardsAs === undefined ? [] : [`forwards come from ${printable(forwardsAs)}`]),
    ...(failure === undefined ? [] : printableLines(failure)),
    ...notes.map((note) => `note: ${printable(note)}`),
  ]
}

function stepLine({ line, kind, text, note }: Step): string {
  return `${line === null ? '' : `line ${line}: `}${kind} ${printable(text)}${note === undefined ? '' : ` (${printable(note)})`}`
}

function remoteLines({ route, exchanges, addresses, failure, heloHost, connectSeconds, silenceSeconds, notes }: RemoteWay): string[] {
  const protocol = route.protocol.toUpperCase()
  const file = route.protocol === 'qmtp' ? 'control/qmtproutes' : 'control/smtproutes'
  const to = route.relay
    ? `the relay ${printable(route.host)} port ${route.port} (${file})`
    : `the mail hosts of ${printable(route.host)} port ${route.port}`
  return [
    `it goes by ${protocol} to ${to}, as ${printable(heloHost)}`,
    ...(exchanges === undefined ? [] : exchangeLines(exchanges)),
    ...addresses.flatMap(targetLines),
    ...(failure === undefined ? [] : printableLines(failure)),
    `a connection may take ${connectSeconds} seconds, an answer ${silenceSeconds}`,
    ...notes.map((note) => `note: ${note}`),
  ]
}

function exchangeLines(answer: NonNullable<RemoteWay['exchanges']>): string[] {
  if (answer.kind === 'found') {
    const sorted = [...answer.records].sort((a, b) => a.priority - b.priority)
    return sorted.map(({ exchange, priority }) => `MX ${priority} ${printable(exchange)}`)
  }
  if (answer.kind === 'trouble') return [`its MX records cannot be looked up now: ${answer.reason}`]
  return [answer.kind === 'nodata' ? 'it has no MX records: its own addresses are tried' : 'there is no such name in the DNS']
}

function targetLines({ address, timeouts, skipped, demand }: RemoteAddress): string[] {
  const lately = timeouts === undefined || timeouts === 0 ? '' : `, ${timeouts} timeouts lately${skipped ? ': left alone for now' : ''}`
  return [`address ${address}${lately}`, ...indent([printable(demand)])]
}

function limitLines({ concurrency, queueLifetimeSeconds, attemptsAtSeconds, messageBytes }: Limits): string[] {
  return [
    `${concurrency === 0 ? 'no deliveries on that channel: its concurrency is 0' : `at most ${concurrency} deliveries at once on that channel`}; messages of ${messageBytes === 0 ? 'any size' : `at most ${messageBytes} bytes`}`,
    `what is deferred is tried at the ages ${attemptsAtSeconds.join(', ')} ... seconds, and given up after ${queueLifetimeSeconds}`,
  ]
}

function waitingLine(ids: readonly string[]): string {
  if (ids.length === 0) return 'nothing for it waits in the queue'
  const more = ids.length > idsShown ? ` and ${ids.length - idsShown} more` : ''
  return `waiting for it in the queue: ${ids
    .slice(0, idsShown)
    .map((id) => `#${id}`)
    .join(' ')}${more}`
}
