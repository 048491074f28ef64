/** Why it cannot be said now who receives mail. Such trouble passes: it never makes an address unknown. */
import { Trouble } from '@yabumi/trouble'

/**
 * What a look-up that cannot be done is worth as an exit code (spec §2.4.4): 112 malformed data, 115 a home cannot be
 * looked at, 116 no alias account, 117 users/cdb cannot be read, 118 accounts cannot be looked up.
 */
export type LookupExit = 112 | 115 | 116 | 117 | 118

const statuses: Record<LookupExit, [status: `4.${number}.${number}`, text: string]> = {
  112: ['4.3.5', 'malformed entry in users/cdb'],
  115: ['4.3.0', 'unable to look at a home directory'],
  116: ['4.3.5', 'unable to find the alias user: there is no alias directory in the home'],
  117: ['4.3.0', 'unable to read users/cdb'],
  118: ['4.3.0', 'unable to look up accounts'],
}

/** A look-up that could not be done, and may be tried again. */
export class LookupTrouble extends Trouble {
  readonly exit: LookupExit

  constructor(exit: LookupExit, options?: ErrorOptions) {
    super(...statuses[exit], options)
    this.exit = exit
  }
}

/** A home whose file system does not answer. */
export class SilentHome extends LookupTrouble {
  /** Its path, a byte string. */
  readonly home: string

  constructor(home: string) {
    super(115)
    this.home = home
  }
}
