/** What forward is told. qmail's forward has no options: all of its arguments are addresses, also those with a dash. */
import { commandLine } from '@yabumi/commandline'

/** Address lists for the Resent fields, as they were given; Resent-To follows from the recipients. */
export interface Resent {
  readonly sender: readonly string[]
  readonly from: readonly string[]
  readonly replyTo: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
}

export interface Request {
  readonly recipients: readonly string[]
  /** Present if Resent fields are to be added. */
  readonly resent: Resent | undefined
}

/** Read the command line. Options are looked for only if the first argument begins with two dashes. */
export async function parseArguments(args: readonly string[]): Promise<Request> {
  if (args[0]?.startsWith('--') !== true) return { recipients: args, resent: undefined }
  const list = (describe: string) => ({ type: 'string', array: true, requiresArg: true, default: [], describe }) as const
  const usage = '[--resent] [--resent-from ADDRESS] ... [--] [ADDRESS ...] < message'
  const options = (await commandLine('forward', usage))
    .option('resent', { type: 'boolean', default: false, describe: 'put Resent fields on top of the message' })
    .option('resent-from', list('who sends it on; by default RECIPIENT'))
    .option('resent-sender', list('who does so in their name'))
    .option('resent-reply-to', list('where answers about that go'))
    .option('resent-cc', list('further recipients, named in the message'))
    .option('resent-bcc', list('further recipients, not named anywhere'))
    .parseSync([...args])
  const resent: Resent = {
    sender: options['resent-sender'],
    from: options['resent-from'],
    replyTo: options['resent-reply-to'],
    cc: options['resent-cc'],
    bcc: options['resent-bcc'],
  }
  const wanted = options.resent || Object.values(resent).some((addresses) => addresses.length > 0)
  return { recipients: options._.map(String), resent: wanted ? resent : undefined }
}
