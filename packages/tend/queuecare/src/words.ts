/** How messages are called in what the tools print. */
import { nowSeconds } from '@yabumi/dates'
import { printable } from '@yabumi/printable'
import type { Selected } from './select.ts'

const shownAtMost = 3

/** `#457  3h  <me@example.org> to joe@example.net and 4 more`. */
export function describe({ id, sender, birth, recipients, preprocessed }: Selected): string {
  const shown = recipients.slice(0, shownAtMost).map(({ address }) => printable(address))
  const more = recipients.length - shown.length
  const to = shown.length === 0 ? 'nobody any more' : `${shown.join(' ')}${more === 0 ? '' : ` and ${more} more`}`
  return `#${id}  ${ageOf(nowSeconds() - birth)}  <${printable(sender)}> to ${to}${preprocessed ? '' : ' (not yet preprocessed)'}`
}

/** `90s`, `15m`, `12h`, `3d`. */
export function ageOf(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, seconds)}s`
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`
}
