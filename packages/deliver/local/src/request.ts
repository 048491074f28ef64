/** local's eight arguments (spec §2.7.1). */
import type { Request } from '@yabumi/dotfile'

/** Under which local's qmail speaks of itself. */
export const recordedName = 'qmail-local'
export const usage: string = `${recordedName}: usage: ${recordedName} [ -nN ] user homedir local dash ext domain sender aliasempty`

/** The request that these arguments are, or undefined if they are none. */
export function parseRequest(args: readonly string[]): Request | undefined {
  if (args.length !== 8) return undefined
  const [user, home, local, dash, extension, domain, sender, defaultDelivery] = args as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  return home.startsWith('/') ? { user, home, local, dash, extension, domain, sender, defaultDelivery } : undefined
}
