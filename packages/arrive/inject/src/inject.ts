/** The work of inject, from the command line to the verdict of queue. */

import { quoteAddress, withLowerDomain } from '@yabumi/address'
import { nowSeconds } from '@yabumi/dates'
import { type Outcome, openSubmission } from '@yabumi/enqueue'
import { enterHome } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import { recipientArgument, senderArgument } from './argument.ts'
import { Draft } from './draft.ts'
import { readMailingLists } from './followup.ts'
import { generatedFields, type Origin } from './generated.ts'
import { type Environment, readHosts } from './hosts.ts'
import { Message } from './message.ts'
import { parseLetters, parseOptions } from './options.ts'
import { toDescriptor, toQueue } from './outlet.ts'
import { Person } from './person.ts'
import { NobodyNamed, UnparsableLine } from './unparsable.ts'

/** @throws Trouble whose text is the complaint; 5.x.x if trying again is no use */
export async function inject(args: readonly string[], environment: Environment): Promise<void> {
  const seconds = nowSeconds()
  const lists = readMailingLists(environment)
  enterHome()
  const { rules, idHost } = readHosts(environment)
  const letters = parseLetters(environment.get('QMAILINJECT') ?? '')
  const options = parseOptions(args)
  const givenSender = options.sender === undefined ? undefined : senderArgument(options.sender, rules)
  const givenRecipients = options.recipients.map((argument) => recipientArgument(argument, rules))

  const draft = new Draft(letters, rules, givenSender, lists !== undefined)
  const message = await Message.read(0, draft)
  if (!options.print) {
    if (options.useHeader) checkHeader(message, draft)
    checkSomebody(givenRecipients, options.useHeader ? draft.recipients : [])
  }
  const person = new Person(environment, letters, rules)
  const sender = draft.sender ?? person.sender(seconds)
  const origin: Origin = { person, seconds, idHost, lists }
  const fields = generatedFields(draft, origin).join('')

  if (options.print) {
    await message.send(header(`Return-Path: <${quoteAddress(sender)}>\n${fields}`, draft), toDescriptor(1))
    return
  }
  const submission = openSubmission({ environment })
  try {
    await message.send(header(fields, draft), toQueue(submission))
  } catch (error) {
    await submission.abandon()
    throw error
  }
  const recipients = options.useHeader ? chain(givenRecipients, others(draft.recipients, givenRecipients)) : givenRecipients
  judge(await submission.finish(sender, recipients))
}

/** Some of those whom the header names would be lost, and nobody would hear of it. @throws UnparsableLine that names the field */
function checkHeader({ indentedStart, brokenList }: Message, draft: Draft): void {
  if (draft.unreadable !== undefined) throw draft.unreadable
  if (indentedStart !== undefined) throw new UnparsableLine(indentedStart)
  if (brokenList !== undefined) throw new UnparsableLine(brokenList, 'a comma, and no blank in front of the line behind this one')
}

/** A message to nobody would be lost. @throws NobodyNamed */
function checkSomebody(...recipients: Iterable<string>[]): void {
  if (chain(...recipients).next().done === true) throw new NobodyNamed()
}

function* header(top: string, draft: Draft): Generator<Buffer, void> {
  yield Buffer.from(top, 'latin1')
  yield* draft.fields.blocks()
}

/** The recipients of the header without those that are arguments too: they get the message once. */
function* others(recipients: Iterable<string>, given: readonly string[]): Generator<string, void> {
  const known = new Set(given.map(withLowerDomain))
  for (const recipient of recipients) if (!known.has(withLowerDomain(recipient))) yield recipient
}

function* chain<T>(...parts: Iterable<T>[]): Generator<T, void> {
  for (const part of parts) yield* part
}

function judge({ verdict, text }: Outcome): void {
  if (verdict !== 'K') throw new Trouble(verdict === 'D' ? '5.3.0' : '4.3.0', text)
}
