/** What a rule says about a client. */
export interface Rule {
  readonly denies: boolean
  /** To be set in the environment, in this order; byte strings. */
  readonly variables: readonly (readonly [name: string, value: string])[]
}

/** Every client's, where there is no rule. */
export const noRule: Rule = { denies: false, variables: [] }
