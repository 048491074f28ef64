/** The host names that complete addresses: control files, which the environment overrides (spec §3, §4.2). */
import { readLineOrMe } from '@yabumi/control'
import { type HostRules, type Token, tokenise } from '@yabumi/header'
import { UnparsableLine } from './unparsable.ts'

export type Environment = ReadonlyMap<string, string>

export interface Hosts {
  readonly rules: HostRules
  /** The host of the message-ids made here. */
  readonly idHost: string
}

/** Read them; the working directory is the home. @throws UnparsableLine for a name that is no name */
export function readHosts(environment: Environment): Hosts {
  const setting = (variable: string, file: string) => environment.get(variable) ?? readLineOrMe(file) ?? file
  return {
    rules: {
      defaultDomain: tokens(`.${setting('QMAILDEFAULTDOMAIN', 'defaultdomain')}`),
      defaultHost: tokens(`@${setting('QMAILDEFAULTHOST', 'defaulthost')}`),
      plusDomain: tokens(`.${setting('QMAILPLUSDOMAIN', 'plusdomain')}`),
    },
    idHost: setting('QMAILIDHOST', 'idhost'),
  }
}

function tokens(text: string): Token[] {
  const found = tokenise(text)
  if (found === undefined) throw new UnparsableLine(text)
  return found
}
