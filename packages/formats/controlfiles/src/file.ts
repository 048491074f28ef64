/** What is known of a control file, whatever its kind. */
interface Known {
  /** What holds without the file, in words: alone, or after `otherwise` and a comma. */
  readonly without?: string
  /** Without the file, the first line of control/me holds. */
  readonly orMe?: true
  /** The line that config-fast writes into the file of a new home, where an older home does without. */
  readonly inNewHomes?: string
  /** The programs that read it. */
  readonly readBy: readonly string[] | 'all'
  /** Sentences, the last one without its end. */
  readonly says: string
}

/**
 * One control file. A `line` is the first line, a `number` the digits that it begins with, a `list` one entry a line, `key:value` a list whose
 * entries are split at the first colon, and a `text` is read as a whole. A `secret` is a file that is never shown, a `directory` holds others. `otherwise` is the value that holds without the file.
 */
export type ControlFile = Known &
  (
    | { readonly kind: 'number'; readonly otherwise: number }
    | { readonly kind: 'line' | 'text'; readonly otherwise?: string }
    | { readonly kind: 'list' | 'key:value' | 'secret' | 'directory' }
  )
