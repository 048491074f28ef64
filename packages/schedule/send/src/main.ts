/**
 * send: the one scheduler of the queue. README.md is the manual page.
 *
 * Descriptors 0 to 6 are wired by start (spec §2.5.1); there is no other way to say anything than the log.
 */
import { onControlWarning } from '@yabumi/control'
import { retryAll } from '@yabumi/retrytimes'
import { Log } from './log.ts'
import { Scheduler } from './scheduler.ts'
import { CannotStart, startUp } from './startup.ts'
import { watchRouting } from './watch.ts'

process.env['UV_THREADPOOL_SIZE'] ??= '12' // syncs that run together share one commit of the journal

const log = new Log(0)
onControlWarning((warning) => log.warning(warning))

/**
 * A socket of Node's that is destroyed compares itself with process.stderr. That would be made only then, of descriptor 2, which are reports of lspawn here:
 * it throws, and the socket stays open, so the first bounce would wait for ever, and lspawn would never hear that send leaves.
 */
Object.defineProperty(process, 'stderr', { value: undefined })

async function send(): Promise<void> {
  process.once('SIGTERM', () => {
    scheduler.leave()
    process.on('SIGTERM', () => scheduler.cut())
  }) // each is heard when what follows has been done: nothing of that waits for the loop
  process.on('SIGALRM', () => scheduler.retryAll())
  process.on('SIGHUP', () => scheduler.reroute())
  process.on('SIGURG', () => scheduler.lookForRequests())
  const scheduler = new Scheduler(startUp(log))
  if (process.argv.includes(retryAll)) scheduler.retryAll()
  watchRouting(() => scheduler.reroute())
  await scheduler.run()
}

function die(text: string): never {
  log.alert(text)
  log.flush()
  process.exit(111)
}

process.on('uncaughtException', (error) => die(`internal error: ${error.stack?.replace(/\n\s*/g, ' ') ?? error}`))

void send().then(
  () => process.exit(0),
  (error: unknown) => die(error instanceof CannotStart ? `cannot start: ${error.message}` : `internal error: ${String(error)}`),
)
