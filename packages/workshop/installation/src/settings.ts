/** Where an installation goes, and what its accounts are called. */
import { join } from 'node:path'

export interface Settings {
  /** What is installed: a checkout that has been built. */
  readonly checkout: string
  /** Above lib/yabumi and share/man. */
  readonly prefix: string
  /** The home: control, queue, users, alias. */
  readonly home: string
  /** In front of every path that is written; empty, or the root of a package in the making. */
  readonly destdir: string
  /** A second name for each program that has it in qmail: `qmail-`. Empty for none. */
  readonly namePrefix: string
  /** Where other programs look for sendmail: `/usr/sbin/sendmail`. Empty: it is not touched, unless it has become ours before. */
  readonly sendmail: string
  /** What the accounts' names begin with: `yabumi-`. */
  readonly accountPrefix: string
}

/** Directories as they are written to now, with DESTDIR in front. */
export interface Places {
  readonly lib: string
  readonly man: string
  readonly doc: string
  readonly home: string
  /** Paths of installed files outside lib, a line each, without DESTDIR. */
  readonly manifest: string
}

export function placesOf({ prefix, home, destdir }: Settings): Places {
  const lib = `${destdir}${join(prefix, 'lib/yabumi')}`
  return {
    lib,
    man: `${destdir}${join(prefix, 'share/man')}`,
    doc: `${destdir}${join(prefix, 'share/doc/yabumi')}`,
    home: `${destdir}${home}`,
    manifest: join(lib, 'files'),
  }
}
