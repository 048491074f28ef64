/** The Date field of a message (RFC 5322 §3.3 and §4.3). */
import { daysOf } from '@yabumi/imapwire'

/** In seconds: since 1970, and how far the writer's clock is ahead of UTC. */
export interface MessageDate {
  readonly seconds: number
  readonly offsetSeconds: number
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const syntax =
  /^\s{0,9}(?:[a-z]{3,9}\s{0,9},?\s{0,9})?(\d{1,2})\s{1,9}([a-z]{3})[a-z]{0,6}\s{1,9}(\d{2,4})\s{1,9}(\d{1,2}):(\d{2})(?::(\d{2}))?\s{0,9}([+-]\d{4}|[a-z]{1,5})?/i
const zoneHours: Record<string, number> = { EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7 }

/** Undefined for what is no date. Line ends of folds and comments may be in it. */
export function parseMessageDate(value: string): MessageDate | undefined {
  const text = value.slice(0, 256).replaceAll(/\([^()]{0,99}\)|[\r\n]/g, ' ')
  const [, day, month, year, hour, minute, second = '0', zone = ''] = syntax.exec(text) ?? []
  if (day === undefined || month === undefined || year === undefined) return undefined
  const days = daysOf(fullYear(year), months.indexOf(month.toLowerCase()), Number(day))
  const clock = Number(hour) * 3_600 + Number(minute) * 60 + Number(second)
  if (days === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined
  const offsetSeconds = offsetOf(zone)
  return { seconds: days * 86_400 + clock - offsetSeconds, offsetSeconds }
}

function fullYear(text: string): number {
  const year = Number(text)
  if (text.length === 2) return year < 50 ? 2_000 + year : 1_900 + year
  return text.length === 3 ? 1_900 + year : year
}

function offsetOf(zone: string): number {
  if (!/^[+-]/.test(zone)) return (zoneHours[zone.toUpperCase()] ?? 0) * 3_600
  const seconds = Number(zone.slice(1, 3)) * 3_600 + Number(zone.slice(3)) * 60
  return zone.startsWith('-') ? -seconds : seconds
}
