/** By which name a program was called: a link may give it another one than its own. */
import { basename } from 'node:path'

/** The name the program was called by: last component of the launcher's path. */
export function invokedAs(): string {
  return basename(process.argv[2] ?? '')
}

/**
 * The name by which a program speaks of itself: the one that it was called by.
 *
 * @param own - the name of its package
 * @param recorded - what it says where it is called by its own name: a program of qmail says `qmail-inject`, and others read that
 */
export function calledName(own: string, recorded: string = own): string {
  const called = invokedAs()
  return called === '' || called === own ? recorded : called
}
