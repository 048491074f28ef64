/**
 * A shell that outlives supervise by a moment: if supervise is killed, it tells the programs to finish and leave.
 *
 * The kernel tells it, by the end of the pipe that only supervise holds open. Without it, a killed supervise would
 * leave a mail system that nobody restarts. The next supervise would find the ports and the queue taken. It is a shell
 * because that costs 1 MB where another Node costs 40. In this way, too, no program needs to know that it is
 * supervised.
 */
import { execa } from 'execa'

const script = 'pids=; while read -r line; do pids=$line; done; [ -z "$pids" ] || kill -TERM $pids'

export class Guard {
  #write: (line: string) => void = () => undefined
  #last: readonly number[] = []

  constructor() {
    this.#start()
  }

  /** Name the processes that must not be left alone; the last list counts. */
  watch(pids: readonly number[]): void {
    this.#last = pids
    this.#write(`${pids.join(' ')}\n`)
  }

  #start(): void {
    const child = execa('/bin/sh', ['-c', script], {
      stdio: ['pipe', 'ignore', 'ignore'],
      extendEnv: false,
      buffer: false,
      reject: false,
      cleanup: false,
      detached: true,
    })
    const { stdin } = child
    stdin.on('error', () => undefined)
    this.#write = (line) => void stdin.write(line)
    child.nodeChildProcess.once('exit', () => {
      this.#start()
      this.watch(this.#last)
    })
  }
}
