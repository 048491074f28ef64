/** The entry of a control file that decided about an address, for whoever wants to know why. */
export interface ListEntry {
  /** In control/. */
  readonly file: string
  /** As it is looked up: in lower case; a pattern with its slash. A byte string. */
  readonly entry: string
}
