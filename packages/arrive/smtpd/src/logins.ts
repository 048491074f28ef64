/** Who judges logins: authd, or a program of the caller's with qmail's interface. */
import type { LoginExchange } from '@yabumi/loginprotocol'

/** One exchange of a mechanism: what LoginExchange does. */
export type Exchange = Pick<LoginExchange, 'begin' | 'respond' | 'close'>

export interface Logins {
  /**
   * Asked once a session.
   *
   * @param client - its address
   * @returns names, the best first, without -PLUS; `refused` for a client that has failed too often. Never rejects
   */
  mechanisms(client: string): Promise<readonly string[] | 'refused'>
  /** @param binding - of the channel; undefined where it has none */
  exchange(client: string, binding: Buffer | undefined): Exchange
}
