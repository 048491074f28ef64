/**
 * Whether delivery numbers of two bytes are asked for (package spawnprotocol).
 *
 * They are where control/ wants more deliveries at once than one byte can count. And start must be about to become the
 * send that was installed with it. Any other send, qmail's or a wrapper, would misunderstand them.
 */
import { readNumber } from '@yabumi/control'
import { isOurs } from '@yabumi/home'
import { wantsWideNumbers, wideNumbers } from '@yabumi/spawnprotocol'

/**
 * The arguments for send, lspawn and rspawn. The working directory is the home.
 *
 * @param send - the file that start becomes
 */
export function wideNumbersFor(send: string): string[] {
  try {
    const wanted = [readNumber('concurrencylocal', 0), readNumber('concurrencyremote', 0)]
    return wantsWideNumbers(wanted) && isOurs(send, 'send') ? [wideNumbers] : []
  } catch {
    return [] // send says which file cannot be read
  }
}
