/**
 * sendmail's command line: what counts here, and what is taken without complaint because programs pass it (spec §8.3).
 */
import { Getopt } from '@yabumi/commandline'
import { Trouble } from '@yabumi/trouble'

/** A message for inject. */
export interface Mail {
  readonly job: 'inject'
  /** -t: the header names recipients, too. */
  readonly useHeader: boolean
  /** -f: the envelope sender; From follows it. */
  readonly sender: string | undefined
  /** -F: the personal name. */
  readonly name: string | undefined
  readonly recipients: readonly string[]
}

/** -bs: talk SMTP on descriptors 0 and 1. -bp: show the queue. */
export type Request = Mail | { readonly job: 'smtpd' } | { readonly job: 'qread' }

const usage = 'sendmail: usage: sendmail [ -t ] [ -fsender ] [ -Fname ] [ -bp ] [ -bs ] [ arg ... ]'

/** Arguments that are no command line of sendmail. The message is complete, with the program's name. */
export class UsageTrouble extends Trouble {
  constructor(complaint?: string) {
    super('5.5.4', complaint === undefined ? usage : `${complaint}\n${usage}`)
  }
}

/**
 * Letters with a meaning here: t f F b. Taken and ignored: v i m x; with an argument e p o B, and the delivery status
 * options N R V; E and J with the rest of their word.
 */
const letters = 'vimte:f:p:o:B:F:EJxb:N:R:V:'

/** @param calledAs - the program's name: complaints of getopt show it. @throws UsageTrouble */
export function parseOptions(calledAs: string, args: readonly string[]): Request {
  let useHeader = false
  let sender: string | undefined
  let name: string | undefined
  const getopt = new Getopt(args, letters)
  for (let letter = getopt.next(); letter !== undefined; letter = getopt.next()) {
    switch (letter) {
      case 't':
        useHeader = true
        break
      case 'f':
        sender = getopt.argument
        break
      case 'F':
        name = getopt.argument
        break
      case 'E':
      case 'J':
        getopt.skipWord()
        break
      case 'b':
        if (getopt.argument[0] === 'p') return { job: 'qread' }
        if (getopt.argument[0] === 's') return { job: 'smtpd' }
        if (getopt.argument[0] !== 'm') throw new UsageTrouble()
        break
      case '?':
        throw new UsageTrouble(`${calledAs}: ${getopt.complaint}`)
    }
  }
  return { job: 'inject', useHeader, sender, name, recipients: getopt.rest() }
}
