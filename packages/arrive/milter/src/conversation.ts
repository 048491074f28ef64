/** One message before one filter: all that smtpd knows of it, step by step, and what the filter makes of it. */
import { isIP } from 'node:net'
import { milterReplies } from '@yabumi/limits'
import { Changes, changeLetters } from './changes.ts'
import type { MilterConnection } from './connection.ts'
import type { Draft, Store } from './draft.ts'
import { type Agreement, type Step, steps } from './negotiation.ts'
import { encodePacket, type Packet, strings } from './packets.ts'
import type { Milter } from './settings.ts'
import { MilterTrouble } from './trouble.ts'

/** Whose message it is; byte strings. */
export interface Origin {
  readonly hostName: string
  readonly remoteHost: string
  readonly remoteAddress: string
  readonly helo: string
  readonly tls: { readonly protocol: string; readonly cipher: string } | undefined
  readonly login: string | undefined
  /** What the log calls the message before it has a number. */
  readonly id: string
}

/** What a filter says of a message: it goes on as the draft has it, or is refused, or vanishes. */
export type Verdict =
  | { readonly kind: 'accept'; readonly draft: Draft }
  | { readonly kind: 'reply'; readonly packet: Packet }
  | { readonly kind: 'discard' }

const bodyBytes = 65_535

export class Conversation {
  readonly #connection: MilterConnection
  readonly #agreement: Agreement
  readonly #milter: Milter

  constructor(connection: MilterConnection, agreement: Agreement, milter: Milter) {
    this.#connection = connection
    this.#agreement = agreement
    this.#milter = milter
  }

  /** @throws MilterTrouble if it does not answer in time, or out of turn */
  async judge(origin: Origin, draft: Draft, newStore: () => Store): Promise<Verdict> {
    for (const [step, packets] of opening(origin, draft, this.#agreement.leadingBlank)) {
      const verdict = await this.#say(step, packets, draft)
      if (verdict !== undefined) return verdict
    }
    return (await this.#sendBody(draft)) ?? (await this.#end(origin, draft, newStore))
  }

  /** @returns what the filter says if it needs no more of the message */
  async #say(step: Step, packets: readonly Buffer[], draft: Draft): Promise<Verdict | undefined> {
    if (!this.#agreement.wants(step)) return undefined
    const { command } = this.#milter.seconds
    await this.#connection.send(packets, command)
    if (!this.#agreement.answers(step)) return undefined
    return early(await this.#connection.receive(command), draft)
  }

  async #sendBody(draft: Draft): Promise<Verdict | undefined> {
    if (!this.#agreement.wants('body')) return undefined
    const { command } = this.#milter.seconds
    for (const piece of chunks(draft.body())) {
      await this.#connection.send([encodePacket(steps.body.letter, piece)], command)
      if (!this.#agreement.answers('body')) continue
      const reply = await this.#connection.receive(command)
      if (reply.letter === 's') return undefined
      const verdict = early(reply, draft)
      if (verdict !== undefined) return verdict
    }
    return undefined
  }

  async #end({ id }: Origin, draft: Draft, newStore: () => Store): Promise<Verdict> {
    const { content } = this.#milter.seconds
    await this.#connection.send([macros('end', ['i', id]), encodePacket(steps.end.letter)], content)
    const changes = new Changes(draft, this.#agreement.leadingBlank, newStore)
    for (let replies = 0; replies < milterReplies; ) {
      const packet = await this.#connection.receive(content)
      if (packet.letter !== 'b') replies += 1
      if (packet.letter === 'p') continue
      if (changeLetters.includes(packet.letter)) changes.take(packet)
      else return final(packet, changes)
    }
    throw new MilterTrouble(`more than ${milterReplies} replies`)
  }
}

/** Before the end: it goes on, or it is over. */
function early(packet: Packet, draft: Draft): Verdict | undefined {
  if (packet.letter === 'c') return undefined
  if (packet.letter === 'a') return { kind: 'accept', draft }
  return refusal(packet)
}

function final(packet: Packet, changes: Changes): Verdict {
  return packet.letter === 'c' || packet.letter === 'a' ? { kind: 'accept', draft: changes.draft } : refusal(packet)
}

function refusal(packet: Packet): Verdict {
  if (packet.letter === 'd') return { kind: 'discard' }
  if ('rty4f'.includes(packet.letter)) return { kind: 'reply', packet }
  throw new MilterTrouble('it replied out of turn')
}

/** The steps up to the body, each with its packets. */
function* opening(origin: Origin, draft: Draft, leadingBlank: boolean): Generator<[Step, Buffer[]]> {
  const { hostName, remoteHost, remoteAddress, helo, tls, login, id } = origin
  const named = `${remoteHost} [${remoteAddress}]`
  yield ['connect', [macros('connect', ['j', hostName], ['_', named], ['v', 'yabumi'], ['{daemon_name}', 'smtpd']), connect(origin)]]
  const secured: [string, string][] =
    tls === undefined
      ? []
      : [
          ['{tls_version}', tls.protocol],
          ['{cipher}', tls.cipher],
        ]
  yield ['helo', [macros('helo', ...secured), encodePacket(steps.helo.letter, strings(helo))]]
  const authenticated: [string, string][] = login === undefined ? [] : [['{auth_authen}', login]]
  const sender: [string, string][] = [
    ['i', id],
    ['{mail_addr}', draft.sender],
    ['{mail_host}', draft.sender.split('@').at(-1) ?? ''],
  ]
  yield ['mail', [macros('mail', ...sender, ...authenticated), encodePacket(steps.mail.letter, strings(`<${draft.sender}>`))]]
  for (const recipient of draft.recipients)
    yield ['rcpt', [macros('rcpt', ['{rcpt_addr}', recipient]), encodePacket(steps.rcpt.letter, strings(`<${recipient}>`))]]
  yield ['data', [macros('data', ['i', id]), encodePacket(steps.data.letter)]]
  for (const { name, value } of draft.fields) {
    if (name === undefined) continue
    const shown = leadingBlank ? value : value.replace(/^ /, '')
    yield ['field', [encodePacket(steps.field.letter, strings(name, shown))]]
  }
  yield ['endOfHeader', [macros('endOfHeader', ['i', id]), encodePacket(steps.endOfHeader.letter)]]
}

function connect({ remoteHost, remoteAddress }: Origin): Buffer {
  const family = isIP(remoteAddress) === 6 ? '6' : isIP(remoteAddress) === 4 ? '4' : 'U'
  const host = remoteHost === 'unknown' ? `[${remoteAddress}]` : remoteHost
  const known = family === 'U' ? '' : `\0\0${strings(remoteAddress)}`
  return encodePacket(steps.connect.letter, `${strings(host)}${family}${known}`)
}

/** What a step's names stand for. */
function macros(step: Step, ...named: readonly (readonly [name: string, value: string])[]): Buffer {
  return encodePacket('D', steps[step].letter + strings(...named.flat()))
}

/** The body as it travels: lines end with CR LF, so many bytes at once. */
function* chunks(pieces: Iterable<Buffer>): Generator<Buffer> {
  for (const piece of pieces) {
    const text = Buffer.from(piece.toString('latin1').replaceAll('\n', '\r\n'), 'latin1')
    for (let at = 0; at < text.length; at += bodyBytes) yield text.subarray(at, at + bodyBytes)
  }
}
