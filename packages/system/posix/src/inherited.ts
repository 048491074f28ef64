/**
 * The files and sockets of a shell or a supervisor reach no program that this one starts, nor those of users.
 *
 * Node opens its own descriptors closed on exec. Of those that it was started with it sees to the first sixteen only;
 * the others would be handed from program to program.
 */
import { readdirSync } from 'node:fs'
import { libc } from './libc.ts'

const F_SETFD = 2
const FD_CLOEXEC = 1
const standard = 3

/** Let only 0, 1 and 2 reach a program that this one starts or becomes, and what is handed on by its number. */
export function closeInheritedOnExec(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name)
    if (fd >= standard) libc().fcntl(fd, F_SETFD, FD_CLOEXEC) // EBADF: the directory that was just read
  }
}
