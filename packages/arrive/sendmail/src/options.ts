/**
 * sendmail's command line: what counts here, and what is taken without complaint because programs pass it (spec §8.3,
 * and the options of Postfix's sendmail(1)).
 */
import { Getopt } from '@yabumi/commandline'
import { Trouble } from '@yabumi/trouble'
import { senderOf } from './addresses.ts'

/** A message for inject. */
export interface Mail {
  readonly job: 'inject'
  /** -t: the header names recipients, too. */
  readonly useHeader: boolean
  /** -f, -r: the envelope sender; From follows it. */
  readonly sender: string | undefined
  /** -F: the personal name. */
  readonly name: string | undefined
  readonly recipients: readonly string[]
}

/** Another program of the home, with its arguments. -bs: talk SMTP on descriptors 0 and 1. -bp: show the queue. -q: try it. -bv: where would this go? */
export interface Other {
  readonly job: 'smtpd' | 'qread' | 'qretry' | 'explain' | 'newaliases'
  readonly args: readonly string[]
}

export type Request = Mail | Other

const usage = 'sendmail: usage: sendmail [ -t ] [ -fsender ] [ -Fname ] [ -bp ] [ -bs ] [ arg ... ]'

/** Arguments that are no command line of sendmail. The message is complete, with the program's name. */
export class UsageTrouble extends Trouble {
  constructor(complaint?: string) {
    super('5.5.4', complaint === undefined ? usage : `${complaint}\n${usage}`)
  }
}

/**
 * Letters with a meaning here: t f r F b q I. Taken and ignored: v i m x n c G U; with an argument e p o B O X h L A C, and the delivery
 * status options N R V; E and J with the rest of their word.
 */
const letters = 'vimtncGUIe:f:r:p:o:B:F:EJxb:N:R:V:O:X:h:L:A:C:q'

/** What the letter behind -b asks for, beside a message. */
const modes: Readonly<Record<string, Other['job']>> = { p: 'qread', s: 'smtpd', i: 'newaliases' }

/** @param calledAs - the program's name: complaints of getopt show it. @throws UsageTrouble, Trouble 5.1.3 */
export function parseOptions(calledAs: string, args: readonly string[]): Request {
  let useHeader = false
  let verifies = false
  let sender: string | undefined
  let name: string | undefined
  const getopt = new Getopt(args, letters)
  for (let letter = getopt.next(); letter !== undefined; letter = getopt.next()) {
    switch (letter) {
      case 't':
        useHeader = true
        break
      case 'f':
      case 'r':
        sender = senderOf(getopt.argument)
        break
      case 'F':
        name = getopt.argument
        break
      case 'E':
      case 'J':
        getopt.skipWord()
        break
      case 'I':
        return { job: 'newaliases', args: [] }
      case 'q':
        if (getopt.skipWord() !== '') throw new UsageTrouble(`${calledAs}: -q takes no time: send tries the queue by itself`)
        return { job: 'qretry', args: ['--all', '--yes'] }
      case 'b': {
        const [mode = ''] = getopt.argument
        const job = modes[mode]
        if (job !== undefined) return { job, args: [] }
        if (mode === 'v') verifies = true
        else if (mode !== 'm') throw new UsageTrouble()
        break
      }
      case '?':
        throw new UsageTrouble(`${calledAs}: ${getopt.complaint}`)
    }
  }
  const recipients = getopt.rest()
  if (!verifies) return { job: 'inject', useHeader, sender, name, recipients }
  if (recipients.length !== 1) throw new UsageTrouble(`${calledAs}: -bv takes one address`)
  return { job: 'explain', args: recipients }
}
