/** What is wrong. */
export interface Fault {
  /** For programs. */
  readonly code: string
  readonly sentence: string
  /** 1: it could be better. 2: mail may be lost. */
  readonly weight: 1 | 2
}
