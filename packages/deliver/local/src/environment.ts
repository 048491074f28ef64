/** The environment of a delivery's programs (spec §2.7.7): what local was started with, and what it knows. */
import { type Request, recipientOf } from '@yabumi/dotfile'
import { deliveredTo, mboxSeparator, returnPath } from './trace.ts'

/**
 * @param base - what local was started with
 * @param newSender - the sender of what is forwarded
 * @param matched - what the `default` of a dotfile's name stood for, if it had one
 * @param seconds - the time of the delivery
 */
export function environmentFor(
  base: ReadonlyMap<string, string>,
  request: Request,
  newSender: string,
  matched: string | undefined,
  seconds: number,
): ReadonlyMap<string, string> {
  const environment = new Map(base)
  const { local, domain, extension, sender } = request
  const [, extension2, extension3, extension4] = tails(extension)
  const [, domain2, domain3, domain4] = heads(domain)
  const variables = {
    HOST: domain,
    HOST2: domain2,
    HOST3: domain3,
    HOST4: domain4,
    LOCAL: local,
    RECIPIENT: recipientOf(request),
    USER: request.user,
    HOME: request.home,
    SENDER: sender,
    NEWSENDER: newSender,
    EXT: extension,
    EXT2: extension2,
    EXT3: extension3,
    EXT4: extension4,
    DTLINE: deliveredTo(request),
    RPLINE: returnPath(sender),
    UFLINE: mboxSeparator(sender, seconds),
  }
  for (const [name, value] of Object.entries(variables)) environment.set(name, value ?? '')
  if (matched === undefined) environment.delete('DEFAULT')
  else environment.set('DEFAULT', matched)
  return environment
}

/** A text, then what follows its first hyphen, its second, its third; nothing where there is none. */
function tails(text: string): string[] {
  const all = [text]
  for (let rest = text; all.length < 4; all.push(rest)) {
    const hyphen = rest.indexOf('-')
    rest = hyphen < 0 ? '' : rest.slice(hyphen + 1)
  }
  return all
}

/** A text, then what precedes its last dot, the dot before that, and so on; as it was where there is none. */
function heads(text: string): string[] {
  const all = [text]
  for (let rest = text; all.length < 4; all.push(rest)) {
    const dot = rest.lastIndexOf('.')
    if (dot >= 0) rest = rest.slice(0, dot)
  }
  return all
}
