/**
 * popup: ask a POP3 client who it is and let another program check that, on descriptors 0 and 1 or on listening
 * sockets. README.md is the manual page.
 */
import { writeSync } from 'node:fs'
import { byteArguments, byteEnvironment, commandLine, readyDescriptor, run } from '@yabumi/commandline'
import { become, enterHome } from '@yabumi/home'
import { serveByLogin, serveDescriptors } from './oneshot.ts'

/** In place of a program that checks passwords: ask authd. */
const login = 'login'

async function resident(): Promise<void> {
  // late: the one-shot form, started for each connection, should not pay for loading it
  const { doorsOf } = await import('@yabumi/listener')
  const { ByLogin, serveNetwork } = await import('@yabumi/loginfront')
  const { PopDialogue } = await import('./dialogue.ts')
  const { phrases } = await import('./phrases.ts')
  const { ByProgram } = await import('./byprogram.ts')
  const command = await commandLine(
    'popup',
    '--listen ADDR:PORT ... [--listen-tls ADDR:PORT ...] [--rules FILE] [--ready-fd N] HOSTNAME login|SUBPROGRAM [ARG ...]',
    'at the first argument',
  )
  const argv = command
    .option('listen', { type: 'string', array: true, requiresArg: true, default: [], describe: '127.0.0.1:2110 or [::1]:2110' })
    .option('listen-tls', { type: 'string', array: true, requiresArg: true, default: [], describe: 'the same, where TLS begins at once' })
    .option('rules', { type: 'string', requiresArg: true, describe: 'who may connect: rules, or what tcprules made of them' })
    .option('ready-fd', { type: 'string', requiresArg: true, describe: 'descriptor to write a newline to once every address accepts' })
    .demandCommand(2, 'name the host and the program that checks passwords')
    .parseSync()
  const [hostName = '', file = '', ...args] = byteArguments().slice(-argv._.length)
  const endpoints = doorsOf(argv.listen, argv['listen-tls'])
  const readyFd = readyDescriptor(argv['ready-fd'])
  enterHome() // relative names, the program's too, are those of the home
  const behind =
    file === login ? new ByLogin(hostName, args, phrases, false) : new ByProgram(hostName, { file, args, env: byteEnvironment() })
  const settle = (): void => {
    if (file === login) become('front')
  }
  const dialogue = new PopDialogue()
  await serveNetwork({ dialogue, endpoints, readyFd, rulesFile: argv.rules, behind, settle, environment: byteEnvironment() })
}

async function oneShot(): Promise<void> {
  const [hostName, file, ...args] = byteArguments()
  if (hostName === undefined || file === undefined) {
    writeSync(1, '-ERR usage: popup hostname subprogram\r\n')
    process.exit(1)
  }
  if (file !== login) await serveDescriptors(hostName, { file, args, env: byteEnvironment() }, byteEnvironment())
  enterHome()
  become('front')
  await serveByLogin(hostName, args, byteEnvironment())
}

void run('popup', byteArguments()[0]?.startsWith('--') ? resident : oneShot)
