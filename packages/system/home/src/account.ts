/** What accounts are for. README.md of package installation says what each of them may do. */
export const roles = ['queue', 'send', 'remote', 'alias', 'smtp', 'submit', 'front', 'auth', 'acme', 'web', 'log', 'check'] as const
export type Role = (typeof roles)[number]

/** A user and group number. */
export interface FileOwner {
  readonly uid: number
  readonly gid: number
}

/** Whom a program becomes. */
export interface Account extends FileOwner {
  /** Further groups; gid is none of them. */
  readonly groups: readonly number[]
  /** The group that it acts with in place of its own, to read keys: what it starts has gid again (package child). */
  readonly keys?: number
}
