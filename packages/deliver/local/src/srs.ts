/** SRS for what is forwarded (package srs): off unless control/srs_domain is there. */
import { nowSeconds } from '@yabumi/dates'
import type { Request } from '@yabumi/dotfile'
import { homeDirectory } from '@yabumi/home'
import { packSender, readSrs, type Srs } from '@yabumi/srs'

/** For so long a worker does not look at control/ again. */
const keptMilliseconds = 5_000

let kept: { readonly srs: Srs | undefined; readonly readAt: number } | undefined

/**
 * The sender of what a delivery forwards, packed if SRS is on; a list's owner has an address here and stays.
 *
 * @param sender - as spec §2.7.4 has it
 * @throws Trouble 4.3.0 if that cannot be said now
 */
export function forwardingSender(sender: string, request: Request): string {
  if (sender !== request.sender || sender === '') return sender
  const now = performance.now()
  if (kept === undefined || now - kept.readAt > keptMilliseconds) kept = { srs: readSrs(homeDirectory()), readAt: now }
  return kept.srs === undefined ? sender : packSender(sender, kept.srs, nowSeconds())
}
