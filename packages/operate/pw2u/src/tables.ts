/** The files in users/ that say which accounts get mail, under which names (spec §7.3). Missing ones say nothing. */
import { readFileSync } from 'node:fs'
import { ConstMap, listLines } from '@yabumi/control'
import { errnoOf, Trouble } from '@yabumi/trouble'

export interface Tables {
  readonly include: ConstMap | undefined
  readonly exclude: ConstMap | undefined
  /** `user:name1:name2`: the names instead of the account's own. */
  readonly mailNames: ConstMap
}

/** Read them, in the home as working directory. @throws Trouble 4.3.0 in the reference program's words */
export function readTables(): Tables {
  const include = readTable('include')
  const exclude = readTable('exclude')
  return {
    include: include && ConstMap.ofLines(include),
    exclude: exclude && ConstMap.ofLines(exclude),
    mailNames: ConstMap.ofColonLines(readTable('mailnames') ?? []),
  }
}

function readTable(name: string): string[] | undefined {
  try {
    const lines = listLines(readFileSync(`users/${name}`).toString('latin1'))
    return lines.flatMap((line) => line.split('\0')) // qmail keeps entries apart by NULs, so one inside is another end
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new Trouble('4.3.0', 'unable to read controls', { cause })
  }
}
