/**
 * What crashes have left in pid/ is removed after 36 hours.
 *
 * No living queue loses a file by that, because it gives up after 24 hours.
 */
import { readdirSync, statSync, unlinkSync } from 'node:fs'
import { ossifiedSeconds } from '@yabumi/limits'

/**
 * Remove what crashes have left in pid/: files that nobody has accessed for 36 hours. The working directory is queue/.
 *
 * Trouble is passed over: the next sweep comes.
 */
export function sweepPid(nowSeconds: number): void {
  for (const name of namesIn('pid')) {
    const path = Buffer.concat([Buffer.from('pid/'), name])
    try {
      if (nowSeconds >= statSync(path).atimeMs / 1000 + ossifiedSeconds) unlinkSync(path)
    } catch {
      // gone meanwhile, or no file
    }
  }
}

function namesIn(directory: string): Buffer[] {
  try {
    return readdirSync(directory, { encoding: 'buffer' })
  } catch {
    return []
  }
}
