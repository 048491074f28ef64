/** What local is asked to do: its eight arguments (spec §2.7.1). Byte strings without NUL. */
export interface Request {
  readonly user: string
  /** Absolute path. */
  readonly home: string
  readonly local: string
  readonly dash: string
  readonly extension: string
  readonly domain: string
  readonly sender: string
  /** Instructions for when the user has none, as in a .qmail file. */
  readonly defaultDelivery: string
}

export const usage = 'qmail-local: usage: qmail-local [ -nN ] user homedir local dash ext domain sender aliasempty'

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

/** The recipient's address. */
export function recipientOf(request: Request): string {
  return `${request.local}@${request.domain}`
}
