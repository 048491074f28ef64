/**
 * imapd: ask an IMAP client who it is, and have the connection handed on. README.md is the manual page.
 *
 * Trust   becomes account front before it hears a client; authd judges, and sessiond starts what serves
 */
import { byteArguments, byteEnvironment, commandLine, readyDescriptor, run } from '@yabumi/commandline'
import { become, enterHome } from '@yabumi/home'
import { doorsOf } from '@yabumi/listener'
import { ByLogin, serveNetwork } from '@yabumi/loginfront'
import { imapDialogue } from './dialogue.ts'
import { phrases } from './phrases.ts'

void run('imapd', async () => {
  const command = await commandLine(
    'imapd',
    '--listen ADDR:PORT ... [--listen-tls ADDR:PORT ...] [--rules FILE] [--ready-fd N] HOSTNAME PROGRAM [ARG ...]',
    'at the first argument',
  )
  const argv = command
    .option('listen', { type: 'string', array: true, requiresArg: true, default: [], describe: '127.0.0.1:2143 or [::1]:2143' })
    .option('listen-tls', { type: 'string', array: true, requiresArg: true, default: [], describe: 'the same, where TLS begins at once' })
    .option('rules', { type: 'string', requiresArg: true, describe: 'who may connect: rules, or what tcprules made of them' })
    .option('ready-fd', { type: 'string', requiresArg: true, describe: 'descriptor to write a newline to once every address accepts' })
    .demandCommand(2, 'name the host and the program that serves a session')
    .parseSync()
  const [hostName = '', ...words] = byteArguments().slice(-argv._.length)
  const endpoints = doorsOf(argv.listen, argv['listen-tls'])
  const readyFd = readyDescriptor(argv['ready-fd'])
  enterHome()
  await serveNetwork({
    dialogue: imapDialogue,
    endpoints,
    readyFd,
    rulesFile: argv.rules,
    behind: new ByLogin(hostName, words, phrases, true),
    settle: () => become('front'),
    environment: byteEnvironment(),
  })
})
