/** Every fact that there is (spec §14.1): the one table. A fact without a reader is not in it, so nobody takes it. */

/** What may say a fact, besides root and the queue's account. */
export interface Speaker {
  /** The account of submission: its client has logged in. */
  readonly submits: boolean
  /** The account of smtpd. */
  readonly isSmtpd: boolean
}

interface Fact {
  /** What it is about. */
  readonly of: 'message' | 'recipient'
  readonly believes: (speaker: Speaker) => boolean
  /** The form of its value, which is printable ASCII without blanks in any case. */
  readonly value: RegExp
}

const anyone = (): boolean => true

export type FactName =
  | 'AUTH'
  | 'BODY'
  | 'BY'
  | 'ENVID'
  | 'HOLD'
  | 'NOTIFY'
  | 'ORCPT'
  | 'ORIGIN'
  | 'PRIORITY'
  | 'RELAY'
  | 'REQUIRETLS'
  | 'RESULTS'
  | 'RET'
  | 'SMTPUTF8'

const table: Readonly<Record<FactName, Fact>> = {
  /** The login of the client that submitted it, as xtext (RFC 3461 §4). */
  AUTH: { of: 'message', believes: ({ submits }) => submits, value: /^[!-~]{1,512}$/ },
  /** What its body is said to hold (RFC 6152 §2). */
  BODY: { of: 'message', believes: anyone, value: /^(?:7BIT|8BITMIME)$/ },
  /** By when it is to be delivered, in seconds since 1970; what is to be done then; whether hosts on the way tell (RFC 2852 §4). */
  BY: { of: 'message', believes: ({ submits, isSmtpd }) => submits || isSmtpd, value: /^[0-9]{1,12};[RN]T?$/ },
  /** When it may leave, in seconds since 1970 (RFC 4865). */
  HOLD: { of: 'message', believes: ({ submits }) => submits, value: /^[0-9]{1,12}$/ },
  /** Which messages it goes before (RFC 6710). */
  PRIORITY: { of: 'message', believes: ({ submits }) => submits, value: /^(?:0|-?[1-9])$/ },
  /** It travels under TLS that is verified, or not at all (RFC 8689). */
  REQUIRETLS: { of: 'message', believes: anyone, value: /^1$/ },
  /** What its sender calls it in reports, as xtext (RFC 3461 §4.4). */
  ENVID: { of: 'message', believes: anyone, value: /^(?:[!-*,-<>-~]|\+[0-9A-F]{2}){1,100}$/ },
  /** Of what its sender wants to hear (RFC 3461 §4.1). */
  NOTIFY: { of: 'recipient', believes: anyone, value: /^(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2})$/ },
  /** It came from the network. Who says so is trusted less, not more. */
  ORIGIN: { of: 'message', believes: anyone, value: /^network$/ },
  /** To whom it was addressed first (RFC 3461 §4.2). */
  ORCPT: { of: 'recipient', believes: anyone, value: /^[A-Za-z0-9-]{1,64};[!-~]{1,500}$/ },
  /** It came from a network that may relay, and may write these domains into From: names with commas between. */
  RELAY: { of: 'message', believes: ({ submits, isSmtpd }) => submits || isSmtpd, value: /^[A-Za-z0-9._,-]{1,4096}$/ },
  /** What was found out about it when it came, as in Authentication-Results and as xtext (RFC 8601). */
  RESULTS: { of: 'message', believes: ({ submits, isSmtpd }) => submits || isSmtpd, value: /^[!-~]{1,2048}$/ },
  /** What of it a report of failure has (RFC 3461 §4.3). */
  RET: { of: 'message', believes: anyone, value: /^(?:FULL|HDRS)$/ },
  /** Its addresses or its header may have UTF-8 (RFC 6531 §3.4). */
  SMTPUTF8: { of: 'message', believes: anyone, value: /^1$/ },
}

/** The variable by which a program in place of queue hears the facts, and hands them on to ours. */
export const factsVariable = 'YABUMIFACTS'

/** @returns undefined if there is no such fact */
export function factOf(name: string): Fact | undefined {
  return Object.hasOwn(table, name) ? table[name as FactName] : undefined
}
