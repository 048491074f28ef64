/**
 * smtpd: receive mail by SMTP, one connection on descriptors 0 and 1, or many on listening sockets. README.md is the
 * manual page.
 */
import { byteArguments, byteEnvironment, commandLine, readyDescriptor, run } from '@yabumi/commandline'
import { accountToBecome, enterHome } from '@yabumi/home'
import { Trouble } from '@yabumi/trouble'
import { serveDescriptors } from './oneshot.ts'

async function resident(): Promise<void> {
  // late: the one-shot form, started for each connection, should not pay for loading it
  const { doorsOf, serveNetwork } = await import('./resident.ts')
  const options = await commandLine(
    'smtpd',
    '--listen ADDR:PORT [--listen ADDR:PORT ...] [--listen-tls ADDR:PORT ...] [--submission] [--rules FILE] [--no-ptr] [--ready-fd N] [--uid N --gid N]',
  )
  const argv = options
    .option('listen', { type: 'string', array: true, requiresArg: true, default: [], describe: '127.0.0.1:2525 or [::1]:2525' })
    .option('listen-tls', { type: 'string', array: true, requiresArg: true, default: [], describe: 'the same, where TLS begins at once' })
    .option('submission', { type: 'boolean', default: false, describe: 'take mail of people who have logged in, and of nobody else' })
    .option('rules', {
      type: 'string',
      requiresArg: true,
      describe: 'who may connect, with which environment: rules, or what tcprules made of them',
    })
    .option('no-ptr', { type: 'boolean', default: false, describe: 'do not look up the names of clients' })
    .option('ready-fd', { type: 'string', requiresArg: true, describe: 'descriptor to write a newline to once every address accepts' })
    .option('uid', { type: 'string', requiresArg: true, implies: 'gid', describe: 'user to become once the addresses are bound' })
    .option('gid', { type: 'string', requiresArg: true, implies: 'uid', describe: 'group to become' })
    .parseSync()
  const endpoints = doorsOf(argv.listen, argv['listen-tls'])
  const named =
    argv.uid === undefined || argv.gid === undefined ? undefined : { uid: numberOf(argv.uid), gid: numberOf(argv.gid), groups: [] }
  const readyFd = readyDescriptor(argv['ready-fd'])
  enterHome()
  const { submission } = argv
  const account = named ?? accountToBecome(submission ? 'submit' : 'smtp')
  await serveNetwork({
    endpoints,
    ptr: !argv['no-ptr'],
    rulesFile: argv.rules,
    submission,
    readyFd,
    account,
    environment: byteEnvironment(),
  })
}

function numberOf(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Trouble('5.3.5', `${text} is not a number`)
  return Number(text)
}

if (byteArguments()[0]?.startsWith('-') !== true) void serveDescriptors(byteEnvironment(), byteArguments())
else void run('smtpd', resident)
