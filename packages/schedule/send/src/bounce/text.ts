/**
 * The words of a bounce (QSBMF, spec §2.5.8) around its paragraphs, of which there is one for each failure.
 */
import { doubleBounceSender, quoteAddress, quoteLocal } from '@yabumi/address'
import { headerDate } from '@yabumi/dates'
import type { Controls } from '../controls.ts'

/** A bounce that is to be sent. */
export interface BouncePlan {
  /** Who gets it. */
  readonly recipient: string
  /** Its own envelope sender. */
  readonly sender: string
  /** The fields of its header, without the empty line that ends it. */
  readonly fields: string
  /** Before the paragraphs. */
  readonly opening: string
  /** Between the paragraphs and the message. */
  readonly middle: string
}

/** What has come of the recipients that a bounce names. */
export type Outcome = 'failed' | 'reached' | 'both' | 'delayed'

const openings: Readonly<Record<Outcome, string>> = {
  failed:
    "I'm afraid I wasn't able to deliver your message to the following addresses.\n" +
    "This is a permanent error; I've given up. Sorry it didn't work out.\n",
  reached: 'Your message has reached the following addresses. You asked to be told.\n',
  delayed:
    'Your message has not reached the following addresses yet. I go on trying; you need not send it again.\n' +
    'You will hear of it only if I have to give up.\n',
  both: "This is what became of your message, as you asked to be told. Where it didn't work out I've given up.\n",
}

const subjects: Readonly<Record<Outcome, string>> = { failed: 'failure', reached: 'delivery', both: 'failure', delayed: 'delay' }

/**
 * What to send to whom about a message.
 *
 * @param sender - the message's own envelope sender, without the mark of VERP; not doubleBounceSender
 * @param now - seconds since 1970
 */
export function planBounce(sender: string, outcome: Outcome, controls: Controls, now: number): BouncePlan {
  const { bounceFrom, bounceHost, doubleBounceTo } = controls
  const double = sender === ''
  const recipient = double ? doubleBounceTo : sender
  const opening = double ? 'I tried to deliver a bounce message to this address, but the bounce bounced!\n' : openings[outcome]
  // who reads qmail's bounces takes whatever begins with Hi for a failure
  const greeting = outcome === 'failed' ? 'Hi' : 'Hello'
  return {
    recipient,
    sender: double ? doubleBounceSender : '',
    fields:
      `Date: ${headerDate(now)}\nFrom: ${quoteLocal(bounceFrom)}@${bounceHost}\nTo: ${quoteAddress(recipient)}\n` +
      `Subject: ${subjects[outcome]} notice\n`,
    opening: `${greeting}. This is the qmail-send program at ${bounceHost}.\n${opening}\n`,
    middle:
      `--- Below this line is ${double ? 'the original bounce' : 'a copy of the message'}.\n\n` +
      `Return-Path: <${quoteAddress(sender)}>\n`,
  }
}
