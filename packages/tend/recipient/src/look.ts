/** The look into a user's home, by a process that has the user's rights. */
import { type Aliases, aliasesOf } from '@yabumi/aliasdb'
import { enterUserHome, Failure, type FoundDotfile, findDotfile, type Request, recipientOf } from '@yabumi/dotfile'
import { Trouble } from '@yabumi/trouble'
import { type Answer, known, uncertain, unknown } from './answer.ts'

/**
 * Whether a dotfile takes mail for an address with an extension, found as local finds it. What local would put off is no certain no. The home is
 * the working directory afterwards.
 *
 * @param request - of an address that nobody gets without a dotfile: `dash` is not empty
 */
export function lookInHome(request: Request): Answer {
  try {
    if (enterUserHome(request).isSticky) return uncertain('the home is sticky: its user is editing a .qmail file')
    const found = findDotfile(request)
    if (found === undefined) return unknown(`no .qmail file of ${request.user} takes it`)
    const aliases = onlyAliases(found, request)
    if (aliases === undefined || aliases.passesOn || aliases.handling !== undefined)
      return known(`${found.name} of ${request.user} takes it`)
    return unknown(`${aliases.database}, which ${found.name} of ${request.user} asks, does not have it`)
  } catch (error) {
    if (error instanceof Failure || error instanceof Trouble) return uncertain(error.message)
    throw error
  }
}

/** What a database of aliases says, where a dotfile says nothing but to ask it. @throws Trouble if it cannot be read */
function onlyAliases({ text, forwardOnly, matched }: FoundDotfile, request: Request): Aliases | undefined {
  const command = forwardOnly ? undefined : /^(?:#.*\n)*\|(.*)\n*$/.exec(text)?.[1]
  if (command === undefined) return undefined
  return aliasesOf(command, { recipient: recipientOf(request), host: request.domain, extension: request.extension, matched })
}
