/** Recipients as programs pass them in one argument: `a@x,b@y` of cron's MAILTO, `Joe <a@x>`, `<a@x>`. */
import { addressText, rewriteAddressList } from '@yabumi/header'

/**
 * The addresses of an argument, in their order. One that is not a list stays as it is, whatever bytes it has.
 *
 * @param argument - byte string
 */
export function recipientsOf(argument: string): string[] {
  if (!/[,<]/.test(argument)) return [argument]
  const found: string[] = []
  const list = rewriteAddressList(`To: ${argument}\n`, (address) => found.unshift(addressText(address)))
  return list === undefined || found.length === 0 || found.some((address) => address === '') ? [argument] : found
}
