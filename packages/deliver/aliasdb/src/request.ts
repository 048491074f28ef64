/** What aliasforward is told: fastforward's options, and the variables of local. */
import { Getopt, required, UsageTrouble } from '@yabumi/commandline'

export interface AliasRequest {
  readonly database: string
  readonly recipient: string
  /** Nothing is delivered: what would be is told. */
  readonly isTrial: boolean
  /** Whether an address that is not in the database is left to the next line of the dotfile. */
  readonly passesOn: boolean
}

const usage = 'aliasforward [ -nNpPdD ] cdb'

/** @throws UsageTrouble; Trouble 5.3.5 for a variable that is not set */
export function parseRequest(calledAs: string, args: readonly string[], environment: ReadonlyMap<string, string>): AliasRequest {
  const chosen = new Map([...'npd'].map((letter) => [letter, false]))
  const getopt = new Getopt(args, 'nNpPdD')
  for (let letter = getopt.next(); letter !== undefined; letter = getopt.next()) {
    if (letter === '?') throw new UsageTrouble(usage, `${calledAs}: ${getopt.complaint}`)
    chosen.set(letter.toLowerCase(), letter === letter.toLowerCase())
  }
  const [database] = getopt.rest()
  if (database === undefined) throw new UsageTrouble(usage)
  return {
    database,
    recipient: chosen.get('d') === true ? addressByDefault(environment) : required(environment, 'RECIPIENT'),
    isTrial: chosen.get('n') === true,
    passesOn: chosen.get('p') === true,
  }
}

/** What the `default` in the dotfile's name stands for, at the host: the address in a domain that is all of one user's. */
function addressByDefault(environment: ReadonlyMap<string, string>): string {
  return `${environment.get('DEFAULT') ?? required(environment, 'EXT')}@${required(environment, 'HOST')}`
}
