/** What a line that runs aliasforward does with an address. The working directory is the user's home. */
import { type Addressed, aliasesOf, type Handling } from '@yabumi/aliasdb'
import { Trouble } from '@yabumi/trouble'

const shown = 10

/** @returns undefined for a command that is another one */
export function aliasNote(command: string, addressed: Addressed): string | undefined {
  try {
    const aliases = aliasesOf(command, addressed)
    if (aliases === undefined) return undefined
    const { database, handling, passesOn } = aliases
    if (handling !== undefined) return `${database}: ${handlingText(handling)}`
    return `${database} does not have it: ${passesOn ? 'the next line counts' : 'bounced'}`
  } catch (error) {
    if (error instanceof Trouble) return `the delivery would be deferred: ${error.message}`
    throw error
  }
}

function handlingText({ owner, programs, recipients }: Handling): string {
  const all = [...programs.map(({ text }) => `runs ${text}`), ...recipients.map((recipient) => `to ${recipient}`)]
  const more = all.length > shown ? [`and ${all.length - shown} more`] : []
  const from = owner === undefined || recipients.length === 0 ? [] : [`from ${owner}`]
  return [...from, ...all.slice(0, shown), ...more].join(', ')
}
