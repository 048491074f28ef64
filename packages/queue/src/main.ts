/**
 * queue: write one message and its envelope into the queue directory, whole or not at all. README.md is the manual page.
 */
import { enterHome } from '@yabumi/home'
import { deathSeconds } from '@yabumi/limits'
import { codeOf, exitCode, step } from './exitcode.ts'
import { queueOneShot } from './oneshot.ts'

/** Signals that must not cut a message short (spec §2.1); PIPE is ignored by Node already. */
const ignored = ['SIGVTALRM', 'SIGPROF', 'SIGQUIT', 'SIGINT', 'SIGHUP', 'SIGXCPU', 'SIGXFSZ'] as const

async function oneShot(): Promise<void> {
  process.umask(0o033)
  for (const signal of ignored) process.on(signal, () => undefined)
  process.on('SIGALRM', () => process.exit(exitCode.timeout))
  setTimeout(() => process.exit(exitCode.timeout), deathSeconds * 1000)
  step(exitCode.home, () => enterHome())
  step(exitCode.queue, () => process.chdir('queue'))
  await queueOneShot()
}

void oneShot().then(
  () => process.exit(exitCode.queued),
  (error: unknown) => process.exit(codeOf(error)),
)
