/**
 * What came of each connection, a line each: reports are made of them (spec §17.4).
 *
 * Writes  state/remote/tlsrpt/DATE, of the day in UTC, by appending; nothing is synced
 * Bound   a day's file has a largest size; what comes after it is not kept
 * Crash   may lose the last lines, and with them a part of a report
 */
import { appendFileSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { tlsReportBytes } from '@yabumi/limits'

/** A connection with a mail host, or that there was none. */
export interface Line {
  /** The recipient's. */
  readonly domain: string
  /** RFC 8460 §4.2: `tlsa`, `sts`, `no-policy-found`. */
  readonly policy: string
  readonly host: string
  readonly address: string
  /** RFC 8460 §4.3; undefined: TLS, as it is to be. */
  readonly failure?: string
}

const directory = 'state/remote/tlsrpt'

/** Keep a line. Where none can be kept, nothing else suffers. @param now - milliseconds of Unix time */
export function recordLine({ domain, policy, host, address, failure = 'ok' }: Line, now: number = Date.now()): void {
  const words = [domain, policy, host, address, failure].map((word) => word.replace(/[^!-~]/g, '?') || '-')
  const file = join(directory, new Date(now).toISOString().slice(0, 'YYYY-MM-DD'.length))
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < tlsReportBytes)
      appendFileSync(file, `${words.join(' ')}\n`, { mode: 0o600 })
  } catch {
    // a report is less than the mail that it is about
  }
}
