/** What decides about a delivery: local's eight arguments (spec §2.7.1). Byte strings without NUL. */
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

/** The recipient's address. */
export function recipientOf(request: Request): string {
  return `${request.local}@${request.domain}`
}
