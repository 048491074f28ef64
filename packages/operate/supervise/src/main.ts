/** supervise: run a whole home in the foreground. README.md is the manual page. */
import { fstatSync } from 'node:fs'
import { commandLine, readyDescriptor, run } from '@yabumi/commandline'
import { enterHome } from '@yabumi/home'
import { closeInheritedOnExec } from '@yabumi/posix'
import { Trouble } from '@yabumi/trouble'
import { settleTimes } from './log.ts'
import { checkAddresses, checkHome, takeLock } from './premises.ts'
import { supervise } from './supervise.ts'

async function main(): Promise<void> {
  closeInheritedOnExec()
  const usage =
    '[--smtp ADDR:PORT]... [--smtps ADDR:PORT]... [--smtp-rules FILE] [--submission ADDR:PORT]... [--submissions ADDR:PORT]... [--pop3 ADDR:PORT]... [--pop3s ADDR:PORT]... [--imap ADDR:PORT]... [--imaps ADDR:PORT]... [--http ADDR:PORT]... [--https ADDR:PORT]... [--default-delivery TEXT] [--ready-fd N]'
  const argv = (await commandLine('supervise', usage))
    .option('smtp', { type: 'string', array: true, requiresArg: true, default: [], describe: 'accept mail by SMTP here' })
    .option('smtps', { type: 'string', array: true, requiresArg: true, default: [], describe: 'the same, where TLS begins at once' })
    .option('smtp-rules', { type: 'string', requiresArg: true, describe: 'who may connect to smtpd: its --rules' })
    .option('submission', { type: 'string', array: true, requiresArg: true, default: [], describe: 'take mail of people who log in' })
    .option('submissions', { type: 'string', array: true, requiresArg: true, default: [], describe: 'the same, where TLS begins at once' })
    .option('pop3', { type: 'string', array: true, requiresArg: true, default: [], describe: 'serve mailboxes by POP3 here' })
    .option('pop3s', { type: 'string', array: true, requiresArg: true, default: [], describe: 'the same, where TLS begins at once' })
    .option('imap', { type: 'string', array: true, requiresArg: true, default: [], describe: 'serve mailboxes by IMAP here' })
    .option('imaps', { type: 'string', array: true, requiresArg: true, default: [], describe: 'the same, where TLS begins at once' })
    .option('http', { type: 'string', array: true, requiresArg: true, default: [], describe: 'hand out the files of a mail host here' })
    .option('https', { type: 'string', array: true, requiresArg: true, default: [], describe: 'the same, where TLS begins at once' })
    .option('default-delivery', { type: 'string', requiresArg: true, describe: 'for users without a .qmail (./Maildir/)' })
    .option('ready-fd', { type: 'string', requiresArg: true, describe: 'gets a line end once everything accepts' })
    .parseSync()
  const [extra] = argv._
  if (extra !== undefined) throw new Trouble('5.5.4', `${extra}: no such argument; see supervise --help`)
  const { smtp, smtps, submission, submissions, pop3, pop3s, imap, imaps, http, https } = argv
  const { 'smtp-rules': smtpRules, 'default-delivery': defaultDelivery } = argv
  const listeners = { smtp, smtps, submission, submissions, pop3, pop3s, imap, imaps, http, https }
  await checkAddresses(Object.values(listeners).flat())
  const readyFd = descriptor(argv['ready-fd'])
  const home = enterHome()
  settleTimes()
  const hostName = checkHome()
  const lock = takeLock(home)
  await supervise({ home, hostName, lock, ...listeners, smtpRules, defaultDelivery, readyFd })
}

/** @throws Trouble 5.5.4 if it is not the number of an open descriptor */
function descriptor(text: string | undefined): number | undefined {
  const fd = readyDescriptor(text)
  try {
    if (fd !== undefined) fstatSync(fd)
  } catch (cause) {
    throw new Trouble('5.5.4', `--ready-fd ${text}: not the number of an open descriptor`, { cause })
  }
  return fd
}

void run('supervise', main).then(() => process.exit())
