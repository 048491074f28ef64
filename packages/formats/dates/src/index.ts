/** Dates as mail programs write them, in UTC but for one (spec §0.4). Times are whole seconds since 1970. */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** Now, in whole seconds since 1970. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000)
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n)
}

function clock(date: Date): string {
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
}

/** `D Mon YYYY HH:MM:SS`, the day not padded; what qread and headers share. */
export function dateAndTime(seconds: number): string {
  const date = new Date(seconds * 1000)
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()} ${clock(date)}`
}

let cachedSeconds = -1
let cachedHeaderDate = ''

/** `D Mon YYYY HH:MM:SS -0000`, as in Date and Received fields, without a line end. */
export function headerDate(seconds: number): string {
  if (seconds !== cachedSeconds) {
    cachedSeconds = seconds
    cachedHeaderDate = `${dateAndTime(seconds)} -0000`
  }
  return cachedHeaderDate
}

/**
 * `D Mon YYYY HH:MM:SS +HHMM`, as in the Date field of predate, without a line end (spec §8.3).
 *
 * @param offsetSeconds - how far local time is ahead of UTC
 */
export function localHeaderDate(seconds: number, offsetSeconds: number): string {
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60)
  const sign = offsetSeconds < 0 ? '-' : '+'
  return `${dateAndTime(seconds + offsetSeconds)} ${sign}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`
}

/** `Www Mon DD HH:MM:SS YYYY`, as asctime(3) writes it and mbox separators have it, the day padded by a zero. */
export function mboxDate(seconds: number): string {
  const date = new Date(seconds * 1000)
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${two(date.getUTCDate())} ${clock(date)} ${date.getUTCFullYear()}`
}

/** `YYYYMMDDHHMMSS`, as in the message-ids that inject makes (spec §4.5). */
export function stamp(seconds: number): string {
  const date = new Date(seconds * 1000)
  return `${date.getUTCFullYear()}${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())}${clock(date).replaceAll(':', '')}`
}
