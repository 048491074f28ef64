/** Recipients as programs pass them in one argument: `a@x,b@y` of cron's MAILTO, `Joe <a@x>`, `<a@x>`. */
import { addressText, rewriteAddressList } from '@yabumi/header'
import { Trouble } from '@yabumi/trouble'

/**
 * The addresses of an argument, in their order. One that is not a list stays as it is, whatever bytes it has.
 *
 * @param argument - byte string
 * @throws Trouble 5.1.3 for a name with a comma that nobody has quoted
 */
export function recipientsOf(argument: string): string[] {
  if (!/[,<]/.test(argument)) return [argument]
  const found: string[] = []
  const list = rewriteAddressList(`To: ${argument}\n`, (address, isName) => {
    if (isName) throw new Trouble('5.1.3', `a name with a comma that is not quoted: ${argument}`)
    found.unshift(addressText(address))
  })
  return list === undefined || found.length === 0 || found.some((address) => address === '') ? [argument] : found
}
