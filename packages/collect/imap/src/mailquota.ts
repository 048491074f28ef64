/** control/mailquota: how much a user's Maildir may hold. */
import { LastGood } from '@yabumi/control'
import type { QuotaLimit } from '@yabumi/mailfolder'

const largestMegabytes = 999_999_999

/** @returns the limit as the file has it now; undefined where there is none. @param log - as of LastGood */
export function quotaOf(home: string, log: (line: string) => void): () => QuotaLimit | undefined {
  const megabytes = new LastGood('mailquota', { otherwise: 0, largest: largestMegabytes }, log, home)
  return () => {
    const { value } = megabytes
    return value === 0 ? undefined : { bytes: value * 1_048_576, count: 0 }
  }
}
