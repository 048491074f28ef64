/** Dates and times of IMAP (RFC 9051 §9, `date`, `date-time`). Times are whole seconds since 1970. */
import { BadCommand } from './bad.ts'

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const dateSyntax = /^(\d{1,2})-([a-z]{3})-(\d{4})$/i
const timeSyntax = /^([ \d]\d-[a-z]{3}-\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/i

/** The days from 1970 to a date; undefined if there is no such day: 30-Feb. */
export function daysOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  return date.getUTCMonth() === month && date.getUTCDate() === day ? date.getTime() / 86_400_000 : undefined
}

/** `7-Feb-1994` as days since 1970. @throws BadCommand */
export function parseDate(text: string): number {
  const [, day, month, year] = dateSyntax.exec(text) ?? []
  const days = month === undefined ? undefined : daysOf(Number(year), months.indexOf(month.toLowerCase()), Number(day))
  if (days === undefined) throw new BadCommand('Invalid date')
  return days
}

/** ` 7-Feb-1994 21:52:25 -0800` as a time. @throws BadCommand */
export function parseDateTime(text: string): number {
  const [, date = '', hours, minutes, seconds, sign, zoneHours, zoneMinutes] = timeSyntax.exec(text) ?? []
  const [h, m, s, zone] = [Number(hours), Number(minutes), Number(seconds), Number(zoneHours) * 60 + Number(zoneMinutes)]
  if (!(h < 24 && m < 60 && s <= 60 && Number(zoneMinutes) < 60)) throw new BadCommand('Invalid internal date')
  const time = parseDate(date.trimStart()) * 86_400 + h * 3_600 + m * 60 + s
  return sign === '-' ? time + zone * 60 : time - zone * 60
}

/** `"07-Feb-1994 21:52:25 +0000"`, in quotes and in UTC; what has no four digits of a year is the nearest that has. */
export function writeInternalDate(seconds: number): string {
  const date = new Date(Math.min(Math.max(seconds, -62_135_596_800), 253_402_300_799) * 1000)
  const two = (number: number): string => String(number).padStart(2, '0')
  const month = months[date.getUTCMonth()] as string
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':')
  const year = String(date.getUTCFullYear()).padStart(4, '0')
  return `"${two(date.getUTCDate())}-${month[0]?.toUpperCase()}${month.slice(1)}-${year} ${clock} +0000"`
}
