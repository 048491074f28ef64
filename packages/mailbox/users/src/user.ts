/** Where mail for one local part goes: the six fields of spec §2.4.2. Strings are byte strings without NUL. */
export interface User {
  readonly user: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  /** Between `.qmail` and the extension in the names of dotfiles. */
  readonly dash: string
  readonly extension: string
}
