import { readdirSync } from 'node:fs'
import { libc } from './libc.ts'

const F_SETFD = 2
const FD_CLOEXEC = 1
const standard = 3

/**
 * Let no descriptor but 0, 1 and 2 reach a program that this one starts or becomes, unless it is handed on by its number.
 *
 * Node opens its own that way. Of what it was itself started with it sees to the first sixteen only; the others, a shell's or a supervisor's files and
 * sockets, would be handed from program to program, down to those of users.
 */
export function closeInheritedOnExec(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name)
    if (fd >= standard) libc().fcntl(fd, F_SETFD, FD_CLOEXEC) // EBADF: the directory that was just read
  }
}
