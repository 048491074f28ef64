/** The look into a user's home, by a process that has the user's rights. */
import { enterUserHome, Failure, findDotfile, type Request } from '@yabumi/dotfile'
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
    if (found !== undefined) return known(`${found.name} of ${request.user} takes it`)
    return unknown(`no .qmail file of ${request.user} takes it`)
  } catch (error) {
    if (error instanceof Failure) return uncertain(error.message)
    throw error
  }
}
