/** The system's log, as syslog(3) writes it. */
import { libc } from './libc.ts'

export type Priority = 'alert' | 'warning' | 'info'
const priorities: Record<Priority, number> = { alert: 1, warning: 4, info: 6 }

/** The C library keeps nothing but a pointer to it. */
let nameInUse: Buffer | undefined

/** Everything logged from now on is under this name, a byte string, and for this facility (2 is mail). */
export function openSyslog(name: string, facility: number): void {
  nameInUse = Buffer.from(`${name}\0`, 'latin1')
  libc().openlog(nameInUse, 0, facility * 8)
}

/** Log one line of ASCII. Lost if nobody listens, as syslog(3) has it. */
export function writeSyslog(priority: Priority, text: string): void {
  libc().syslog(priorities[priority], '%s', 'str', text)
}
