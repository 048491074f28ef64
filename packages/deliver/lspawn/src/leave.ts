/** What lspawn does when nothing new comes and deliveries are under way. */
import { programTermSeconds, stopMarginSeconds } from '@yabumi/limits'
import type { Shared } from './lspawn.ts'

/**
 * Let them end, for so long. Before it is over, as long as programs have to end, all are told; behind it, when each worker has killed what did not heed, what
 * is left is killed. Whatever was not done is reported as deferred.
 */
export function endInTime({ workers, ownPrograms }: Pick<Shared, 'workers' | 'ownPrograms'>, seconds: number): void {
  setTimeout(
    () => {
      workers.finish()
      ownPrograms.finish()
    },
    Math.max(0, seconds - programTermSeconds) * 1000,
  )
  setTimeout(
    () => {
      workers.kill()
      ownPrograms.kill()
    },
    (seconds + stopMarginSeconds) * 1000,
  )
}
