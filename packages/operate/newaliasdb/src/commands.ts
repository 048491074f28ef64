/** The right side of an alias, and the lines of an :include: file. */
import type { AliasCommand } from '@yabumi/aliasdb'
import { parseForwardFile } from '@yabumi/dotfile'
import type { Completion } from './hosts.ts'

/** What newaliasdb --include makes of a list, and aliasforward reads in its place. */
const listSuffix = '.bin'
const recipientBytes = 800 // what fastforward takes

/**
 * The commands of a text, in the order of fastforward: from the last to the first.
 *
 * @throws Error that says what in it is none
 */
export function commandsIn(text: string, hosts: Completion): AliasCommand[] {
  return parseForwardFile(text)
    .map(({ kind, text: entry }): AliasCommand => {
      if (entry.includes('\0')) throw new Error('a NUL')
      switch (kind) {
        case 'program':
          return { kind: 'headed', text: entry }
        case 'include':
          if (!/^\.?\//.test(entry)) throw new Error(`the path of an :include: begins with / or ./: ${entry}`)
          return { kind: 'list', text: `${entry}${listSuffix}` }
        case 'file':
          throw new Error(`${entry} is a file, to which only a .qmail can deliver: alias/.qmail-NAME of the home, for instance`)
        default:
          return { kind: 'forward', text: shortEnough(hosts.complete(entry)) }
      }
    })
    .reverse()
}

function shortEnough(address: string): string {
  if (address.length > recipientBytes) throw new Error(`an address has more than ${recipientBytes} bytes`)
  return address
}
