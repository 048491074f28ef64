/**
 * What mailboxes are for (RFC 6154): by their names, or as CREATE was told, which is kept as RFC 6154 §4 has it.
 */
import { type Arguments, RefusedCommand } from '@yabumi/imapwire'
import type { Annotations } from '@yabumi/mailfolder'

const uses: readonly string[] = ['\\Drafts', '\\Junk', '\\Trash', '\\Sent', '\\Archive']
const entry = '/private/specialuse'

/** The uses of a mailbox, one blank between them; empty for none. @param annotations - of the mailbox */
export function usesOf(name: string, annotations: Annotations): string {
  const told = annotations.read().get(entry)
  if (told !== undefined) return known(told.split(' ')).join(' ')
  return uses.includes(`\\${name}`) ? `\\${name}` : ''
}

/** Keep what CREATE was told. */
export async function keepUses(annotations: Annotations, asked: readonly string[]): Promise<void> {
  if (asked.length > 0) await annotations.change([{ name: entry, value: asked.join(' ') }])
}

/** `(USE (\Sent))` of CREATE. @throws BadCommand; RefusedCommand USEATTR for a use that we do not know */
export function parseUses(args: Arguments): string[] {
  const asked: string[] = []
  const list = args.takeList()
  while (list !== undefined && !list.atEnd) {
    const parameter = list.keyword('CREATE parameter')
    const words = list.list('special uses')
    if (parameter === 'USE') while (!words.atEnd) asked.push(words.keyword('special use'))
  }
  if (known(asked).length < asked.length) throw new RefusedCommand('no mailbox is for that here', 'USEATTR')
  return known(asked)
}

function known(words: readonly string[]): string[] {
  return words.flatMap((word) => uses.filter((use) => use.toUpperCase() === word.toUpperCase()))
}
