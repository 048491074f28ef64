/** With which login a relay takes our mail (spec §17.5), as a line has it. */

export type Login = {
  readonly user: string
  /** The operator allows it to be shown without a verified host. */
  readonly plain: boolean
} & (
  | { readonly password: string }
  /** A file that has a token of OAuth, or a program that gives one. */
  | { readonly tokenFrom: string }
)

const tokenMark = 'oauth:'

/** `USER|PASSWORD` or `USER|oauth:FILE`, and `|plain`: what follows the relay of a route, or of a line of control/routepasswords. */
export function loginIn(words: readonly string[]): Login | undefined {
  const [user, secret, ...rest] = words
  if (user === undefined || user === '' || secret === undefined) return undefined
  const plain = rest[0] === 'plain'
  return secret.startsWith(tokenMark) ? { user, tokenFrom: secret.slice(tokenMark.length), plain } : { user, password: secret, plain }
}
