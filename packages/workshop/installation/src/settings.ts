/** Where an installation goes, and what its accounts are called. */
import { join } from 'node:path'
import type { AccountSettings } from '@yabumi/homeaccounts'

export interface Settings extends AccountSettings {
  /** What is installed: a checkout that has been built. */
  readonly checkout: string
  /** Above lib/yabumi and share/man. */
  readonly prefix: string
  /** A second name for each program that has it in qmail: `qmail-`. Empty for none. */
  readonly namePrefix: string
  /** Where other programs look for sendmail: `/usr/sbin/sendmail`. Empty: it is not touched, unless it has become ours before. */
  readonly sendmail: string
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
