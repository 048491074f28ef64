/**
 * queue: write one message and its envelope into the queue directory, whole or not at all. README.md is the manual
 * page.
 */
process.env['UV_THREADPOOL_SIZE'] ??= '12' // syncs that run together meet in one journal commit

import { Socket } from 'node:net'
import { commandLine, descriptorNumber, readyDescriptor, run } from '@yabumi/commandline'
import { factsVariable } from '@yabumi/facts'
import { enterHome } from '@yabumi/home'
import { deathSeconds } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'
import { codeOf, exitCode, step } from './exitcode.ts'
import { mayNotWrite, queueOneShot } from './oneshot.ts'
import { becomeQueueAccount, isQueueAccount } from './privileges.ts'

/** Signals that must not cut a message short (spec §2.1); PIPE is ignored by Node already. */
const ignored = ['SIGVTALRM', 'SIGPROF', 'SIGQUIT', 'SIGINT', 'SIGHUP', 'SIGXCPU', 'SIGXFSZ'] as const

async function oneShot(): Promise<number> {
  process.umask(0o033)
  for (const signal of ignored) process.on(signal, () => undefined)
  process.on('SIGALRM', () => process.exit(exitCode.timeout))
  setTimeout(() => process.exit(exitCode.timeout), deathSeconds * 1000)
  step(exitCode.home, () => enterHome())
  const facts = process.env[factsVariable] ?? ''
  try {
    const submitter = process.getuid?.() ?? 0
    step(exitCode.queue, () => {
      becomeQueueAccount() // files of root in somebody else's queue would never be delivered
      process.chdir('queue')
    })
    await queueOneShot(submitter, facts)
    return exitCode.queued
  } catch (error) {
    if (!mayNotWrite(error)) return codeOf(error)
    const { relay } = await import('./relay.ts') // loaded late, as the listener: a third of the start
    return (await relay(facts)) ?? (isQueueAccount() ? codeOf(error) : exitCode.nobodyListens)
  }
}

async function listen(): Promise<void> {
  const { defaultSocket, listenForMessages } = await import('./listen.ts')
  const argv = (await commandLine('queue', '[--listen [SOCKET]] [--ready-fd N] [--lifeline N]'))
    .option('listen', { type: 'string', describe: `serve the socket of the home (${defaultSocket})` })
    .option('ready-fd', { type: 'string', requiresArg: true, describe: 'descriptor that gets a line end once clients can connect' })
    .option('lifeline', { type: 'string', requiresArg: true, describe: 'descriptor of a pipe whose end means TERM' })
    .parseSync()
  if (argv.listen === undefined) throw new Trouble('5.5.4', '--ready-fd and --lifeline go with --listen')
  const readyFd = readyDescriptor(argv['ready-fd'])
  const lifeline = argv.lifeline === undefined ? undefined : descriptorNumber('lifeline', argv.lifeline)
  process.umask(0o033)
  enterHome()
  if (lifeline !== undefined) leaveWith(lifeline)
  await listenForMessages({ socket: argv.listen || defaultSocket, readyFd })
}

/** Whoever started us holds the other end: once that process is gone, however it went, finish and leave. */
function leaveWith(lifeline: number): void {
  const socket = new Socket({ fd: lifeline, readable: true, writable: false })
  socket.on('error', () => undefined).once('close', () => process.kill(process.pid, 'SIGTERM'))
  socket.resume()
}

if (process.argv.slice(3).some((argument) => argument.startsWith('--'))) {
  void run('queue', listen).then(() => process.exit())
} else {
  void oneShot().then(
    (code) => process.exit(code),
    (error: unknown) => process.exit(codeOf(error)),
  )
}
