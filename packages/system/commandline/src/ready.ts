/** Options whose value is the number of a descriptor; readiness is told on one of them. */
import { closeSync, writeSync } from 'node:fs'
import { errorText, Trouble } from '@yabumi/trouble'

/** The number that stands after an option. @throws Trouble 5.5.4 if it is none */
export function descriptorNumber(option: string, text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Trouble('5.5.4', `--${option} ${text}: not a descriptor's number`)
  return Number(text)
}

/** What --ready-fd names. @returns undefined without the option. @throws Trouble 5.5.4 if it is no number */
export function readyDescriptor(text: string | undefined): number | undefined {
  return text === undefined ? undefined : descriptorNumber('ready-fd', text)
}

/**
 * Tell whoever waits on this descriptor that we are there: one newline, as s6 expects it (`notification-fd`).
 *
 * @param fd - what readyDescriptor() gave; without one nobody waits
 * @throws Trouble 5.3.5 if it is not open for writing
 */
export function announceReady(fd: number | undefined): void {
  if (fd === undefined) return
  try {
    writeSync(fd, '\n')
    closeSync(fd)
  } catch (cause) {
    throw new Trouble('5.3.5', `unable to write to descriptor ${fd}, named by --ready-fd: ${errorText(cause)}`, { cause })
  }
}
